/** Desired kernel state as data, what it takes to get there from the facts, and the only code that changes the kernel. */
export type { ApplyOptions } from './apply.ts';
export { applyChanges } from './apply.ts';
export { compare } from './compare.ts';
export type { DiffOptions } from './diff.ts';
export { diff } from './diff.ts';
export type { WiringErrorCode } from './errors.ts';
export { WiringError } from './errors.ts';
export type { Handles, HandlesOptions, PlaceHandle } from './handles.ts';
export { openHandles } from './handles.ts';
export type { SeenLinks } from './kernel-places.ts';
export type { NftChainItem, NftItem, NftRuleItem, NftTableItem } from './nft-items.ts';
export { overlayWiring } from './overlay.ts';
export { readWiredNftables } from './read-wired-nftables.ts';
export { readVfs, readWiredVfs } from './read-wired-vfs.ts';
export { requiredSysctls } from './required-sysctls.ts';
export { describeItem, formatChange, formatItem } from './trace.ts';
export type { UndoOptions } from './undo.ts';
export { undoChanges } from './undo.ts';
export type {
  AbsentItem,
  AddressItem,
  Change,
  Difference,
  LinkItem,
  LinkKind,
  LinkState,
  MovedKind,
  NeighbourItem,
  Place,
  RouteItem,
  RuleItem,
  SysctlItem,
  VethPeer,
  VfItem,
  Wiring,
  WiringItem,
} from './wiring.ts';
