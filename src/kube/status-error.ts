import { isJsonObject } from '#base';
import { ApiError } from './errors.ts';

const REASON_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/**
 * The error that an unsuccessful answer stands for. A body that is no Status (proxies, load balancers and unknown paths answer in
 * text) still gives the reason that belongs to its HTTP status.
 *
 * @param what names the request, for the message: `GET pods/ns/x`
 */
export function toStatusError(
  what: string,
  httpStatus: number,
  body: string,
  retryAfter: string | undefined,
): ApiError {
  const status = parseStatus(body);
  const reason = text(status?.['reason']) ?? REASON_OF_STATUS[httpStatus] ?? 'Unknown';
  const message = text(status?.['message']) ?? `HTTP status ${httpStatus}: "${body.trim().slice(0, 200)}"`;
  const details = status?.['details'];
  const code = reason === 'Invalid' && namesUid(details) ? 'Conflict' : reason;
  const seconds = retryAfter === undefined ? Number.NaN : Number(retryAfter);
  return new ApiError(code, `Cannot ${what}: ${message}`, {
    httpStatus,
    ...(Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {}),
    ...(isJsonObject(details) ? { details } : {}),
  });
}

/** The error that an ERROR event inside a watch stream stands for. */
export function toWatchError(what: string, status: unknown): ApiError {
  const code = isJsonObject(status) && typeof status['code'] === 'number' ? status['code'] : 500;
  return toStatusError(what, code, JSON.stringify(status), undefined);
}

/** A uid in a patch that is not the object's is a precondition that failed: a PUT says Conflict, a PATCH says that the field is immutable. */
function namesUid(details: unknown): boolean {
  const causes = isJsonObject(details) ? details['causes'] : undefined;
  return Array.isArray(causes) && causes.some(cause => isJsonObject(cause) && cause['field'] === 'metadata.uid');
}

function parseStatus(body: string): Readonly<Record<string, unknown>> | undefined {
  if (!body.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(body);
    return isJsonObject(value) && value['kind'] === 'Status' ? value : undefined;
  } catch {
    // Not JSON after all: the caller falls back to the HTTP status, and shows the text.
    return undefined;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
