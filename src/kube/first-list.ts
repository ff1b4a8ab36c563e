import { type ApiError, isApiError } from './errors.ts';

/** How a cache comes by its first list, for those who wait for it. Every wait also ends when one of the signals aborts. */
export interface FirstList {
  readonly isDone: boolean;
  /** It has come. */
  done(): void;
  /** An attempt has failed; others follow. */
  fail(error: unknown): void;
  /** Resolves when it has come. */
  ready(...signals: readonly (AbortSignal | undefined)[]): Promise<void>;
  /** The same, but rejects when the last attempt was, or the next one is, refused. @throws ApiError Forbidden */
  answered(...signals: readonly (AbortSignal | undefined)[]): Promise<void>;
}

export function createFirstList(): FirstList {
  const first = Promise.withResolvers<void>();
  let isDone = false;
  let refusal: ApiError | undefined;
  /** Settled by the first attempt that succeeds or is refused: there is one for each refusal. */
  let answer = Promise.withResolvers<void>();
  return {
    get isDone() {
      return isDone;
    },
    done() {
      isDone = true;
      refusal = undefined;
      first.resolve();
      answer.resolve();
    },
    fail(error) {
      refusal = !isDone && isApiError(error, 'Forbidden') ? error : undefined;
      if (refusal === undefined) return;
      answer.promise.catch(() => undefined); // perhaps nobody waits
      answer.reject(refusal);
      answer = Promise.withResolvers();
    },
    ready: (...signals) => withSignal(first.promise, signals),
    answered: (...signals) => (refusal === undefined ? withSignal(answer.promise, signals) : Promise.reject(refusal)),
  };
}

/** The promise, or a rejection with the reason of the signal that aborts first. */
function withSignal(promise: Promise<void>, signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  const any = AbortSignal.any(signals.filter(signal => signal !== undefined));
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(any.reason);
    if (any.aborted) return onAbort();
    any.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => any.removeEventListener('abort', onAbort));
  });
}
