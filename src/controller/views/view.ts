import type { IPAllocation, KubeObject, Resource } from '#api';
import type { ObjectSource } from '#ipam';
import type { ListQuery, ObjectName, WatchCache } from '#kube';

/**
 * Objects of one kind whose content follows from the claims. Somebody looks at them, nothing reads them to decide: they may
 * be late, and what people change in them is put right.
 */
export interface View<T extends KubeObject> {
  readonly resource: Resource<T>;
  /** Which objects of the kind are looked at; all without it. */
  readonly query?: ListQuery;
  /** The objects, where they are followed already. */
  readonly objects?: FollowedObjects<T>;
  /** The objects in which a claim shows. */
  namesOf(claim: IPAllocation): readonly ObjectName[];
  /** Resolves when what it looks at beside claims and objects is known. */
  ready?(signal: AbortSignal): Promise<unknown>;
  /** What is missing for the object to say what the claims say. Changes nothing. */
  compare(seen: Seen<T>): ViewChange<T> | Promise<ViewChange<T>>;
  /**
   * Tells of objects that look different now for another reason than a claim or a change of their own, or that all may, until
   * the signal.
   */
  follow?(touch: (name: ObjectName) => void, signal: AbortSignal, touchAll: () => void): void;
}

/** Objects of one kind; without `ready` they are known. */
export type FollowedObjects<T extends KubeObject> = ObjectSource<T> & Partial<Pick<WatchCache<T>, 'ready'>>;

/** An object as it is now, and the claims that show in it. */
export interface Seen<T> {
  readonly name: ObjectName;
  readonly claims: readonly IPAllocation[];
  readonly object: T | undefined;
}

/** What has to be written. */
export type ViewChange<T> =
  | { readonly kind: 'none' }
  /** Another allocator writes the object. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'create'; readonly object: T }
  /** A merge patch, without preconditions. */
  | { readonly kind: 'patch'; readonly body: ViewPatch; readonly subresource?: 'status' }
  | { readonly kind: 'delete' };

export interface ViewPatch {
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly [part: string]: unknown;
}
