/** Observed kernel state as plain data, how it is read and kept current, and what plans read from it. */
export { defaultRouteDev } from './default-route-dev.ts';
export type {
  AddressFact,
  Facts,
  Family,
  LinkFact,
  MacvlanMode,
  NeighbourFact,
  NsFacts,
  RouteFact,
  RouteScope,
  RuleFact,
} from './facts.ts';
export { emptyNsFacts } from './facts.ts';
export type { HostFacts, HostFactsListener, HostFactsOptions } from './host-facts.ts';
export { createHostFacts } from './host-facts.ts';
export { nodeAddresses } from './node-addresses.ts';
export type { ReadNsFactsOptions } from './read-ns-facts.ts';
export { readNsFacts } from './read-ns-facts.ts';
export { readSysctls } from './read-sysctls.ts';
export type { Source } from './source-for.ts';
export { sourceFor } from './source-for.ts';
