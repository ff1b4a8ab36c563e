/** What is wrong with Spiderpool's objects, and how they are meant: for webhooks and lint. */
export { formatAddressRanges } from './address-ranges.ts';
export {
  annotationOf,
  IPPOOLS_ANNOTATION,
  parseInterfaces,
  ROUTES_ANNOTATION,
} from './annotations.ts';
export { annotationsOf, askingControllers } from './auto-pools/asking-controllers.ts';
export type { AskingController, Complaint, Demand } from './auto-pools/demand.ts';
export { asksSubnets, demandsOf } from './auto-pools/demands-of.ts';
export type { AutoPoolAction, AutoPoolPlan, AutoPoolWorld } from './auto-pools/plan-auto-pools.ts';
export { leftOvers, planAutoPools } from './auto-pools/plan-auto-pools.ts';
export { isAutoPool, ownerOfAutoPool } from './auto-pools-of.ts';
export { defaultSpiderIPPool, defaultSpiderReservedIP, defaultSpiderSubnet } from './default-objects.ts';
export type { ReadAddresses } from './read-addresses.ts';
export { readAddresses } from './read-addresses.ts';
export type { AnnotationReading, NamedPool } from './read-annotations.ts';
export { readAnnotations } from './read-annotations.ts';
export { reservedAddresses } from './reserved-addresses.ts';
export { parseRoutes, routesWithin } from './routes.ts';
export { clampCount, subnetStatusOf } from './subnet-status.ts';
export type { TopController } from './top-controller.ts';
export { directControllerOf, topControllerOf } from './top-controller.ts';
export type { PoolNeighbours } from './validate-ip-pool.ts';
export { validateSpiderIPPool, validateSpiderIPPoolChange, validateSpiderIPPoolRemoval } from './validate-ip-pool.ts';
export { validateSpiderReservedIP, validateSpiderReservedIPChange } from './validate-reserved-ip.ts';
export { validateSpiderSubnet, validateSpiderSubnetChange, validateSpiderSubnetRemoval } from './validate-subnet.ts';
export { compileWildcard } from './wildcard.ts';
