import { UnderlaneError } from '#base';

/** Codes of this room. */
export type WiringErrorCode =
  /** The name of a planned link is taken by something else. Cure: remove or rename that link. */
  | 'LINK_EXISTS'
  /** A link that the wiring expects to find is not there. Cure: look at the plugin that should have made it. */
  | 'LINK_MISSING'
  /** The kernel has moved on since the facts were read. Cure: none: the runtime tries again. */
  | 'FACTS_STALE'
  /** The wiring has pod items, and the pod's namespace is not open. Cure: none: the runtime has to make the sandbox anew. */
  | 'POD_NAMESPACE_MISSING'
  /** One step of an apply was refused by the kernel; all of it was undone. Cure: see the kernel's word behind it. */
  | 'APPLY_FAILED'
  /** One step of an undo was refused by the kernel; it is tried again until it works. Cure: see the kernel's word behind it. */
  | 'UNDO_FAILED';

/** A wiring that cannot be planned, made or taken back. */
export class WiringError extends UnderlaneError {
  declare readonly code: WiringErrorCode;
}
