/** Observed kernel state as plain data, how it is read and kept current, and what plans read from it. */

export type {
  AddressFact,
  BridgeVlan,
  Family,
  IpvlanFlag,
  IpvlanMode,
  LinkFact,
  LinkKindName,
  MacvlanMode,
  NeighbourFact,
  NftablesFacts,
  NftBase,
  NftFamily,
  NftField,
  NftRule,
  NftStatement,
  RouteFact,
  RouteScope,
  RuleFact,
  VfFact,
  VfLinkState,
  VfSetting,
  VlanProtocol,
} from '#netlink';
export { RT_TABLE_MAIN } from '#netlink';
export { defaultRouteDev } from './default-route-dev.ts';
export type { DeviceFact, Facts, NsFacts } from './facts.ts';
export { emptyNftables, emptyNsFacts } from './facts.ts';
export type { HostFacts, HostFactsListener, HostFactsOptions } from './host-facts.ts';
export { createHostFacts } from './host-facts.ts';
export { nodeAddresses } from './node-addresses.ts';
export { readDevices } from './read-devices.ts';
export type { KernelCapabilities, NamespaceKind } from './read-kernel-capabilities.ts';
export { readKernelCapabilities } from './read-kernel-capabilities.ts';
export type { ReadNsFactsOptions } from './read-ns-facts.ts';
export { readNsFacts } from './read-ns-facts.ts';
export { readSysctls } from './read-sysctls.ts';
export type { Source } from './source-for.ts';
export { sourceFor } from './source-for.ts';
export { withPciAddresses } from './with-pci-addresses.ts';
