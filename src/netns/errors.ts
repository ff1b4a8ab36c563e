import { codeOf, UnderlaneError } from '#base';

/**
 * A network namespace or a sysctl in it could not be used. Codes: the errno's name (`ENOENT`), `NOT_A_NAMESPACE`,
 * `ASYNC_IN_NAMESPACE`, `BAD_SYSCTL_PATH`.
 */
export class NetnsError extends UnderlaneError {}

/** Wraps a failed call as `Cannot ACTION: ERRNO`, with the errno's name as code. */
export function toNetnsError(action: string, cause: unknown): NetnsError {
  const code = codeOf(cause);
  return new NetnsError(code, `Cannot ${action}: ${code}`, { cause });
}
