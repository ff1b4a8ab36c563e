import { codeOf, UnderlaneError } from '#base';
import { errnoName } from '#sys';

/**
 * Something that the kernel, or the check before asking it, refused. The code is the errno's name (`EEXIST`);
 * the message ends with the kernel's own explanation where it gave one.
 */
export class NetlinkError extends UnderlaneError {
  /** What was asked for: `create macvlan "eth0"`. */
  readonly action: string;
  /** The answer alone: `EEXIST (Device is there)`. */
  readonly refusal: string;

  constructor(action: string, code: string, reason?: string, cause?: unknown) {
    const refusal = `${code}${reason === undefined ? '' : ` (${reason})`}`;
    super(code, `Cannot ${action}: ${refusal}`, {
      details: { action, ...(reason === undefined ? {} : { reason }) },
      retriable: RETRIABLE.has(code),
      ...(cause === undefined ? {} : { cause }),
    });
    this.action = action;
    this.refusal = refusal;
  }
}

const RETRIABLE: ReadonlySet<string> = new Set(['EAGAIN', 'EBUSY', 'EINTR', 'ENOBUFS', 'ENOMEM']);

/** The error for a negative errno of the kernel, with the text of its extended acknowledgement. */
export function toKernelError(action: string, errno: number, reason?: string): NetlinkError {
  return new NetlinkError(action, errnoName(errno), reason);
}

/** Wraps what read, write or socket threw. */
export function toSocketError(action: string, cause: unknown): NetlinkError {
  return cause instanceof NetlinkError ? cause : new NetlinkError(action, codeOf(cause), undefined, cause);
}
