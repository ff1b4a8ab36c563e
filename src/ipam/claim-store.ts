import type { ClaimOwner, IPAllocation, IPAllocationSpec, PoolReference } from '#api';

/** A range of addresses in a scope, from which a dialect's config lets a request take one. */
export interface Pool {
  readonly ref: PoolReference;
  /** Where an address must be unique; see docs/design/claims.md. */
  readonly scope: string;
  readonly family: 4 | 6;
  /** Prefix length that the pod's address gets. */
  readonly prefixLength: number;
  /** Text that names the range in errors: `192.168.2.225-192.168.2.230/28`. */
  readonly text: string;
  /** Usable addresses as disjoint, ascending, inclusive intervals; excludes, gateway, network and broadcast already taken out. */
  readonly usable: readonly { readonly first: bigint; readonly last: bigint }[];
  readonly gateway?: string;
}

/** Takes and gives back addresses by creating and deleting IPAllocation objects. The only writer of allocations. */
export interface ClaimStore {
  /**
   * Takes an address of `pool` for `owner`: the one it already holds, else a new one. "Already exists" with the same owner is success.
   * @throws IpamError POOL_EXHAUSTED, ADDRESS_TAKEN (a requested one), ADDRESS_OUTSIDE_POOL; ApiError when the API server does not answer
   */
  take(request: ClaimRequest, signal?: AbortSignal): Promise<Claim>;
  /** Deletes exactly the object that was seen (uid and, where known, resourceVersion as preconditions). */
  release(claim: ClaimRef, signal?: AbortSignal): Promise<'released' | 'gone' | 'changed'>;
  /** Makes sure that a claim which the journal relies on is there: creates it again by name when it is missing. */
  reassert(wanted: WantedClaim, signal?: AbortSignal): Promise<Reassertion>;
}

/** A claim as the journal remembers it: enough to make it again. */
export interface WantedClaim {
  readonly ref: ClaimRef;
  readonly spec: IPAllocationSpec;
}

export type Reassertion =
  /** `claim.uid` differs from the wanted one, and `isNew` is set, when it had to be made again. */
  | { readonly kind: 'held'; readonly claim: Claim }
  /** Somebody else has the address now. */
  | { readonly kind: 'lost'; readonly holder: IPAllocation };

export interface ClaimRequest {
  readonly pool: Pool;
  readonly owner: ClaimOwner;
  /** One address that was asked for by the pod. */
  readonly address?: string;
}

export interface Claim extends ClaimRef {
  /** With prefix length. */
  readonly address: string;
  readonly gateway?: string;
  readonly object: IPAllocation;
  /** False when the owner held it before. */
  readonly isNew: boolean;
}

/** What the journal and the release queue keep: never a bare name. */
export interface ClaimRef {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion?: string;
}
