import { codeOf, UnderlaneError } from '#base';

/** Codes of this room, beside the names of errnos. */
export type NetnsErrorCode =
  /** A path leads to a plain file: nothing is pinned there any more. Cure: none, what it was pinned for is gone. */
  | 'NOT_A_NAMESPACE'
  /** A function given to `runSync` returned a promise. Cure: none, report it: it is a fault of ours. */
  | 'ASYNC_IN_NAMESPACE'
  /** A sysctl outside of `net/`. Cure: name one below `net/`. */
  | 'BAD_SYSCTL_PATH';

/** A network namespace or a sysctl in it could not be used. The code is a NetnsErrorCode or the errno's name (`ENOENT`). */
export class NetnsError extends UnderlaneError {}

/** Wraps a failed call as `Cannot ACTION: ERRNO`, with the errno's name as code. */
export function toNetnsError(action: string, cause: unknown): NetnsError {
  const code = codeOf(cause);
  return new NetnsError(code, `Cannot ${action}: ${code}`, { cause });
}
