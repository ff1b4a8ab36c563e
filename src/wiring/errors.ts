import { UnderlaneError } from '#base';

export type WiringErrorCode =
  /** The name of a planned link is taken by something else. */
  | 'LINK_EXISTS'
  /** A link that the wiring expects to find is not there. */
  | 'LINK_MISSING'
  /** The kernel has moved on since the facts were read: plan again. */
  | 'FACTS_STALE'
  /** The wiring has pod items, and the pod's namespace is not open. */
  | 'POD_NAMESPACE_MISSING'
  /** One step of an apply was refused by the kernel. */
  | 'APPLY_FAILED'
  /** One step of an undo was refused by the kernel. */
  | 'UNDO_FAILED';

/** A wiring that cannot be planned, made or taken back. */
export class WiringError extends UnderlaneError {
  declare readonly code: WiringErrorCode;
}
