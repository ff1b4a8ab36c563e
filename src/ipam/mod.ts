/** Addresses: which ones a configuration hands out, which one a pod gets, and how it is held and given back. */

export { followLeftToOthers, leftToOthers } from './catalog/left-to-others.ts';
export type { ObjectSource, PoolCatalog, PoolCatalogOptions } from './catalog/pool-catalog.ts';
export { createPoolCatalog } from './catalog/pool-catalog.ts';
export { DETECT_ANNOTATION, detectionOf, detectionProblems } from './config/detection.ts';
export type {
  FlatFile,
  FlatFileSource,
  HostLocalIpam,
  IpamConfig,
  IpamContext,
  IpamExtras,
  KubeOvnIpam,
  SpiderpoolIpam,
  StaticIpam,
  WhereaboutsIpam,
} from './config/ipam-config.ts';
export { asksPod, takesClaims } from './config/ipam-config.ts';
export { isKnownIpam, parseIpam } from './config/parse-ipam.ts';
export { DEFAULT_SCOPE, resolveScope } from './config/resolve-scope.ts';
export type { HostLocalChoice, HostLocalState } from './dialects/choose-host-local.ts';
export { chooseHostLocal } from './dialects/choose-host-local.ts';
export { failureEvent } from './dialects/failure-event.ts';
export type { HostLocalRange, HostLocalSet } from './dialects/host-local-set.ts';
export type { AskingController, Complaint, Demand } from './dialects/spiderpool/auto-pools/demand.ts';
export type { AutoPoolAction, AutoPoolPlan } from './dialects/spiderpool/auto-pools/plan-auto-pools.ts';
export type { TopController } from './dialects/spiderpool/top-controller.ts';
export { flatFilePaths } from './dialects/whereabouts-flat-file.ts';
export type { IpamErrorCode } from './errors.ts';
export { IpamError } from './errors.ts';
export type { HeldIpamClaim, IpamClaimRequest } from './ipam-claims.ts';
export { holdIpamClaim, recordAddresses } from './ipam-claims.ts';
export { loadKubeOvnObjects, loadSpiderpoolObjects } from './load-dialects.ts';
export { isKept } from './release/is-kept.ts';
export type { Releaser, ReleaserOptions } from './release/releaser.ts';
export { createReleaser } from './release/releaser.ts';
export { claimName, parseClaimName } from './store/claim-name.ts';
export { isSameOwner, isShare } from './store/claim-owner.ts';
export type {
  ChoiceOrder,
  Claim,
  ClaimRef,
  ClaimRequest,
  ClaimStore,
  Detection,
  Pool,
  Reassertion,
  WantedClaim,
} from './store/claim-store.ts';
export type { ClaimStoreOptions } from './store/create-claim-store.ts';
export { createClaimStore } from './store/create-claim-store.ts';
export { IMPORTED_LABEL, isImported, mayUse } from './store/imported.ts';
export { labelHash } from './store/label-hash.ts';
export { isQuarantined, isQuarantineOver } from './store/quarantine.ts';
export { annotatedMac } from './wishes/annotated-mac.ts';
export type { AskedAddresses } from './wishes/asked-addresses.ts';
export { askedOf } from './wishes/asked-addresses.ts';
export type { FixedAddress } from './wishes/fixed-address.ts';
export { resolveWishes } from './wishes/resolve-wishes.ts';
export type { TakenWishes } from './wishes/take-wishes.ts';
export { takeWishes } from './wishes/take-wishes.ts';
export type { PodInterface, Wish, WishContext, Wishes } from './wishes/wishes.ts';
