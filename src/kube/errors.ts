import { type ErrorOptions, UnderlaneError } from '#base';

/** Codes beside the API server's own reasons (`NotFound`, `Conflict`, ...). */
export type OwnApiErrorCode =
  /** No answer came: refused, reset, timed out, name not found, TLS failure. Cure: none, it is tried again; see the cause if it stays. */
  | 'Unreachable'
  /** An answer came that is not what the Kubernetes API speaks. Cure: see what answers at the kubeconfig's address. */
  | 'BadResponse';

export const UNREACHABLE: OwnApiErrorCode = 'Unreachable';
export const BAD_RESPONSE: OwnApiErrorCode = 'BadResponse';

/** What the API server said no with, or that it said nothing. */
export class ApiError extends UnderlaneError {
  /** The HTTP status; undefined when there was no answer. */
  readonly httpStatus: number | undefined;
  /** How long the server asks callers to wait, where it says so. */
  readonly retryAfterMs: number | undefined;

  /** `code` is the Status reason (`NotFound`, `AlreadyExists`, `Conflict`, ...), `Unreachable` or `BadResponse`. */
  constructor(code: string, message: string, options: ApiErrorOptions = {}) {
    const { httpStatus, retryAfterMs, ...rest } = options;
    super(code, message, { ...rest, retriable: isRetriable(code, httpStatus) });
    this.httpStatus = httpStatus;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface ApiErrorOptions {
  readonly httpStatus?: number;
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Codes of kubeconfigs. */
export type KubeconfigErrorCode =
  /** A file cannot be read. Cure: correct its path or its rights. */
  | 'UNREADABLE'
  /** A field is missing, wrong or not supported. Cure: correct the field that the message names. */
  | 'INVALID'
  /** No kubeconfig was given, and this is no pod. Cure: start with --kubeconfig. */
  | 'NOT_IN_CLUSTER';

/** A kubeconfig that cannot be used; the message names file and field. */
export class KubeconfigError extends UnderlaneError {
  declare readonly code: KubeconfigErrorCode;

  constructor(code: KubeconfigErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, options);
  }
}

/** Whether the error says that a resourceVersion or a continue token is too old (HTTP 410: reasons `Expired` and `Gone`). */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.httpStatus === 410;
}

/** Whether the error is an ApiError with this code. */
export function isApiError(error: unknown, code: string): error is ApiError {
  return error instanceof ApiError && error.code === code;
}

function isRetriable(code: string, httpStatus: number | undefined): boolean {
  if (code === UNREACHABLE) return true;
  return httpStatus === 429 || (httpStatus !== undefined && httpStatus >= 500);
}
