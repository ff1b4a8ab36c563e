import type { ClaimOwner, IPAllocation, IPAllocationSpec, PoolReference } from '#api';
import type { CniRoute } from '#cni';
import type { IntervalSet } from '#ip';

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
  readonly usable: IntervalSet;
  /** Addresses that may be asked for one by one, though nobody gets them unasked. */
  readonly fixable?: IntervalSet;
  /** Addresses that nobody gets any more, though who has one keeps it: excluded since, or all of them where the pool is closed. */
  readonly kept?: IntervalSet;
  readonly gateway?: string;
  /** Go into the result with an address of this pool. */
  readonly routes?: readonly CniRoute[];
  /** Which of its addresses comes next, by somebody who sees all claims; one who does not spreads. */
  readonly order?: ChoiceOrder;
  /** What is asked of the network before an address is used. */
  readonly detect?: Detection;
}

/**
 * `spread`: each node begins in a part of the pool of its own, where it knows what is held, and each owner elsewhere in it.
 * `unused-first`: ascending, those that cool down last. `lowest`: ascending, whatever was released.
 */
export type ChoiceOrder = 'spread' | 'unused-first' | 'lowest';

/** `pool`: claims of this pool; `scope`: every claim, since pools of one scope may overlap. */
export type SurveyExtent = 'pool' | 'scope';

/** Probes before an address is used. */
export interface Detection {
  /** Whether another host has the address. */
  readonly conflict: boolean;
  /** Whether the gateway answers. */
  readonly gateway: boolean;
}

/** Takes and gives back addresses by creating and deleting IPAllocation objects. The only writer of allocations. */
export interface ClaimStore {
  /**
   * Takes an address for `owner` from the first pool that has one: the one it already holds, else a new one. "Already exists" with
   * the same owner is success.
   * @throws IpamError POOL_EXHAUSTED, ADDRESS_TAKEN (a requested one), ADDRESS_OUTSIDE_POOL; ApiError when the API server does not answer
   */
  take(request: ClaimRequest, signal?: AbortSignal): Promise<Claim>;
  /** Addresses, without prefix length, that the owner's slots hold as far as is known here. No promise: only taking one again is. */
  heldBy(owner: Omit<ClaimOwner, 'slot'>, signal?: AbortSignal): Promise<readonly string[]>;
  /** Whether somebody is known to have the address that is asked for. No promise, and false where none is. */
  isTaken(wanted: Pick<ClaimRequest, 'pools' | 'address'>): boolean;
  /** Asks, where not all claims are seen, which addresses of these pools are held: `isTaken` goes by the answer then. */
  survey(pools: readonly Pool[], extent: SurveyExtent): Promise<void>;
  /** Deletes exactly the object that was seen (uid and, where known, resourceVersion as preconditions). */
  release(claim: ClaimRef, signal?: AbortSignal): Promise<'released' | 'gone' | 'changed'>;
  /**
   * Makes an owner's claim nobody's, and keeps the address from everybody for a while: somebody on the network has it who has no
   * claim to it. The owner takes another one. Nothing when the claim is another one by now.
   * @param mac of whoever answered for the address
   */
  quarantine(claim: ClaimRef, mac: string, signal?: AbortSignal): Promise<void>;
  /**
   * Makes the heir of a claim, whose pod must live, its owner; the owner's pod has ended. Nothing without an heir.
   * @returns whether it has a new owner
   */
  handOver(claim: IPAllocation, signal?: AbortSignal): Promise<boolean>;
  /** Makes sure that a claim which the journal relies on is there: creates it again by name when it is missing. */
  reassert(wanted: WantedClaim, signal?: AbortSignal): Promise<Reassertion>;
}

/** A claim as the journal remembers it: enough to make it again. */
export interface WantedClaim {
  readonly ref: ClaimRef;
  readonly spec: IPAllocationSpec;
}

export type Reassertion =
  /** The object's uid differs from the wanted one when it had to be made again. */
  | { readonly kind: 'held'; readonly uid: string }
  /** Somebody else has the address now. */
  | { readonly kind: 'lost'; readonly holder: IPAllocation };

export interface ClaimRequest {
  /** All of one family and scope, in the order in which they are tried; at least one. */
  readonly pools: readonly Pool[];
  readonly owner: ClaimOwner;
  /** Which node may release the claim: its pod's. */
  readonly node: string;
  /** One address that was asked for by the pod. */
  readonly address?: string;
  /** Whose records say that the owner has the address already, of another allocator. */
  readonly importedFrom?: string;
  /** Why pools hand nothing out to this owner, for errors. */
  readonly closed?: string;
  /** Whether it may share the address of a live pod of the same workload, as its heir: only a virtual machine's migration may. */
  readonly isMigration?: boolean;
}

export interface Claim extends ClaimRef {
  /** With prefix length. */
  readonly address: string;
  readonly gateway?: string;
  /** The pool that it is of. */
  readonly pool: Pool;
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
