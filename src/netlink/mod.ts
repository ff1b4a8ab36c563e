/** The kernel's network configuration over rtnetlink: links, addresses, routes, rules, neighbours, and news of them. */
export type { AddressRecord, AddressSpec } from './address.ts';
export {
  addAddress,
  deleteAddress,
  listAddresses,
  listAddressRecords,
  listTentativeAddresses,
  toAddressFact,
} from './address.ts';
export type { BridgePort } from './bridge-port.ts';
export { isSameVlan, setBridgeVlans, withBridgeVlans } from './bridge-vlan.ts';
export type { LinkSpec, NewLinkSpec, VethPeerSpec, VethSpec } from './create-link.ts';
export { createLink, createVeth } from './create-link.ts';
export { NetlinkError } from './errors.ts';
export type {
  AddressFact,
  BridgePortFact,
  BridgeVlan,
  Family,
  IpvlanFlag,
  IpvlanMode,
  LinkFact,
  MacvlanMode,
  NeighbourFact,
  NexthopFact,
  RouteFact,
  RouteScope,
  RuleFact,
  VfFact,
  VfLinkState,
  VfSetting,
  VlanProtocol,
} from './fact.ts';
export type { KernelEvent } from './kernel-event.ts';
export type { LinkChange } from './link.ts';
export {
  deleteLink,
  deleteLinks,
  findIfindex,
  findLink,
  findLinkByIndex,
  hasCarrier,
  listLinks,
  moveLink,
  setLink,
} from './link.ts';
export type { LinkData } from './link-data.ts';
export type { LinkKindName } from './link-kind.ts';
export { hasLinkKind, isLinkKindName, readLinkKinds } from './link-kind.ts';
export type { LinkNames } from './link-names.ts';
export type { Monitor, MonitorGroup, MonitorOptions } from './monitor.ts';
export { monitorNamespace } from './monitor.ts';
export type { NeighbourSpec } from './neighbour.ts';
export { deleteNeighbour, listNeighbours, listNeighboursOf, replaceNeighbour } from './neighbour.ts';
export { compileStatements } from './nf_tables/compile-statements.ts';
export { addChain, deleteChain } from './nf_tables/nft-chain.ts';
export type { NftExpression } from './nf_tables/nft-expression.ts';
export type { NftBase, NftChain, NftRule, NftTable } from './nf_tables/nft-fact.ts';
export { addNftRule, deleteNftRule, listNftRules } from './nf_tables/nft-rule.ts';
export type { NftSocket } from './nf_tables/nft-socket.ts';
export { openNftSocket } from './nf_tables/nft-socket.ts';
export type { NftField, NftStatement } from './nf_tables/nft-statement.ts';
export { formatStatements } from './nf_tables/nft-statement.ts';
export { addTable, deleteTable } from './nf_tables/nft-table.ts';
export type { NftablesFacts, NftTableQuery } from './nf_tables/read-nftables.ts';
export { readNftables } from './nf_tables/read-nftables.ts';
export type { NftFamily } from './nft-family.ts';
export { readNftFamilies } from './nft-family.ts';
export type { RouteSpec } from './route.ts';
export { addRoute, deleteRoute, listRouteRecords, listRoutes, toRouteFact } from './route.ts';
export type { RouteRecord } from './route-message.ts';
export { RT_TABLE_MAIN, RTPROT_BOOT, RTPROT_KERNEL } from './route-message.ts';
export type { RouteSocket } from './route-socket.ts';
export { openRouteSocket } from './route-socket.ts';
export type { RuleSpec } from './rule.ts';
export { addRule, deleteRule, listRules } from './rule.ts';
export { formatVfSetting, isSameVfSetting, listVfs, setVf } from './vf.ts';
