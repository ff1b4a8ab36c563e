/** The kernel's network configuration over rtnetlink: links, addresses, routes, rules, neighbours, and news of them. */
export type { AddressRecord, AddressSpec } from './address.ts';
export { addAddress, deleteAddress, listAddresses, listAddressRecords, toAddressFact } from './address.ts';
export type { LinkSpec, MacvlanSpec, VethPeerSpec, VethSpec } from './create-link.ts';
export { createBridge, createMacvlan, createVeth } from './create-link.ts';
export { NetlinkError } from './errors.ts';
export type {
  AddressFact,
  Family,
  LinkFact,
  MacvlanMode,
  NeighbourFact,
  RouteFact,
  RouteScope,
  RuleFact,
} from './fact.ts';
export type { KernelEvent } from './kernel-event.ts';
export type { LinkChange } from './link.ts';
export { deleteLink, findLink, findLinkByIndex, listLinks, setLink } from './link.ts';
export type { ChildLinkKind } from './link-kind.ts';
export { hasLinkKind } from './link-kind.ts';
export type { LinkNames } from './link-names.ts';
export type { Monitor, MonitorGroup, MonitorOptions } from './monitor.ts';
export { monitorNamespace } from './monitor.ts';
export type { NeighbourSpec } from './neighbour.ts';
export { deleteNeighbour, listNeighbours, replaceNeighbour } from './neighbour.ts';
export type { RouteSpec } from './route.ts';
export { addRoute, deleteRoute, listRouteRecords, listRoutes, toRouteFact } from './route.ts';
export type { RouteRecord } from './route-message.ts';
export { RT_TABLE_MAIN, RTPROT_BOOT, RTPROT_KERNEL } from './route-message.ts';
export type { RouteSocket } from './route-socket.ts';
export { openRouteSocket } from './route-socket.ts';
export type { RuleSpec } from './rule.ts';
export { addRule, deleteRule, listRules } from './rule.ts';
