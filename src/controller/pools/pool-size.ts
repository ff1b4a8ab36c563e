import type { IPAllocation, PoolReference } from '#api';
import { type Family, findPrefix } from '#ip';
import type { EventSubject } from '#kube';
import { placeOf } from '../views/whereabouts/pool-place.ts';

/** A pool's addresses of one family. */
export interface PoolKey extends PoolReference {
  readonly family: Family;
}

/** How many of them it hands out, whoever has them. */
export interface PoolSize {
  readonly key: PoolKey;
  readonly size: bigint;
  /** The objects in which people would change that. */
  readonly subjects: readonly EventSubject[];
}

/** One text for each pool and family. */
export function poolText({ dialect, kind, name, family }: PoolKey): string {
  return [dialect, kind, name, family].join(' ');
}

/** The pool that a claim counts for. A range is called as its IPPool; a node's slice counts for the whole range. */
export function poolOfClaim(claim: IPAllocation): PoolKey | undefined {
  const prefix = findPrefix(claim.spec.address);
  if (prefix === undefined) return undefined;
  const { dialect, kind, name } = claim.spec.pool;
  return { dialect, kind, name: placeOf(claim)?.whole ?? name, family: prefix.family };
}
