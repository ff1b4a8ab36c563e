/** Desired kernel state as data, what it takes to get there from the facts, and the only code that changes the kernel. */
export { compare } from './compare.ts';
export type { DiffOptions } from './diff.ts';
export { diff } from './diff.ts';
export type { WiringErrorCode } from './errors.ts';
export { WiringError } from './errors.ts';
export { overlayWiring } from './overlay.ts';
export { requiredSysctls } from './required-sysctls.ts';
export { describeItem, formatChange, formatItem } from './trace.ts';
export type {
  AddressItem,
  Change,
  Difference,
  LinkItem,
  LinkKind,
  NeighbourItem,
  Place,
  RouteItem,
  RuleItem,
  SysctlItem,
  VethPeer,
  Wiring,
  WiringItem,
} from './wiring.ts';
