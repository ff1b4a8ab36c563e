/** Addresses: which ones a configuration hands out, which one a pod gets, and how it is held and given back. */
export { annotatedMac } from './annotated-mac.ts';
export type { AskedAddresses } from './asked-addresses.ts';
export { askedOf } from './asked-addresses.ts';
export type { ChoiceOrder } from './candidates.ts';
export { claimName, parseClaimName } from './claim-name.ts';
export { isSameOwner } from './claim-owner.ts';
export type {
  Claim,
  ClaimRef,
  ClaimRequest,
  ClaimStore,
  Detection,
  Pool,
  Reassertion,
  WantedClaim,
} from './claim-store.ts';
export type { ClaimStoreOptions } from './create-claim-store.ts';
export { createClaimStore } from './create-claim-store.ts';
export { detectionOf, detectionProblems } from './detection.ts';
export type { HostLocalChoice, HostLocalState } from './dialects/choose-host-local.ts';
export { chooseHostLocal } from './dialects/choose-host-local.ts';
export type { HostLocalRange, HostLocalSet } from './dialects/host-local-set.ts';
export type { AskingController, Complaint, Demand } from './dialects/spiderpool/auto-pools/demand.ts';
export type { AutoPoolAction, AutoPoolPlan } from './dialects/spiderpool/auto-pools/plan-auto-pools.ts';
export type { TopController } from './dialects/spiderpool/top-controller.ts';
export { flatFilePaths } from './dialects/whereabouts-flat-file.ts';
export type { IpamErrorCode } from './errors.ts';
export { IpamError } from './errors.ts';
export type { FixedAddress } from './fixed-address.ts';
export { IMPORTED_LABEL, isImported, mayUse } from './imported.ts';
export type { HeldIpamClaim, IpamClaimRequest } from './ipam-claims.ts';
export { holdIpamClaim, recordAddresses } from './ipam-claims.ts';
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
} from './ipam-config.ts';
export { asksPod, takesClaims } from './ipam-config.ts';
export { isKept } from './is-kept.ts';
export { labelHash } from './label-hash.ts';
export { leftToOthers } from './left-to-others.ts';
export { loadKubeOvnObjects, loadSpiderpoolObjects } from './load-dialects.ts';
export { isKnownIpam, parseIpam } from './parse-ipam.ts';
export type { ObjectSource, PoolCatalog, PoolCatalogOptions } from './pool-catalog.ts';
export { createPoolCatalog } from './pool-catalog.ts';
export { isQuarantined, isQuarantineOver } from './quarantine.ts';
export type { Releaser, ReleaserOptions } from './releaser.ts';
export { createReleaser } from './releaser.ts';
export { DEFAULT_SCOPE, resolveScope } from './resolve-scope.ts';
export { resolveWishes } from './resolve-wishes.ts';
export type { TakenWishes } from './take-wishes.ts';
export { takeWishes } from './take-wishes.ts';
export type { PodInterface, Wish, WishContext, Wishes } from './wishes.ts';
