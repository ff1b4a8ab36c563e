import { type Clock, codeOf, UnderlaneError } from '#base';

/** Whether the API server has no such object. */
export function isNotFound(error: unknown): boolean {
  return codeOf(error) === 'NotFound';
}

/** A request that may have been carried out although no answer came, or that the server asked to repeat. */
export function isWorthRetrying(error: unknown): boolean {
  return error instanceof UnderlaneError && error.retriable;
}

/** Pauses before the second, third, ... attempt: an ADD is waiting. */
const PAUSES_MS = [100, 300, 900];

/**
 * Repeats a call that is safe to repeat while the API server does not answer.
 * @throws the last attempt's error
 */
export async function withRetries<T>(
  call: () => Promise<T>,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await call();
    } catch (error) {
      if (!isWorthRetrying(error)) throw error;
      signal?.throwIfAborted();
      await clock.sleep(pauseMs, signal);
    }
  }
  return call();
}

/** The call's result, or undefined when the API server has no such object. */
export async function orAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
