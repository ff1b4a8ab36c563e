/** Runs tasks of one key one after another and different keys in parallel, never more than `limit` at once. */
export interface KeyedQueue {
  /** Resolves with the task's result. A task whose signal is aborted before its turn never starts. */
  run<T>(key: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Tasks started and not yet settled. */
  readonly running: number;
  /** Tasks waiting for their key or for a place. */
  readonly waiting: number;
}

interface Waiter {
  readonly key: string;
  readonly start: () => void;
}

/** Serves waiters in order of arrival, past those whose key is busy. */
export function createKeyedQueue(limit: number): KeyedQueue {
  const busy = new Set<string>();
  const waiters: Waiter[] = [];
  let running = 0;

  function next(): void {
    while (running < limit) {
      const index = waiters.findIndex(waiter => !busy.has(waiter.key));
      const waiter = index < 0 ? undefined : waiters.splice(index, 1)[0];
      if (waiter === undefined) return;
      busy.add(waiter.key);
      running++;
      waiter.start();
    }
  }

  return {
    get running() {
      return running;
    },
    get waiting() {
      return waiters.length;
    },
    run<T>(key: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = (): void => {
          const index = waiters.indexOf(waiter);
          if (index < 0) return;
          waiters.splice(index, 1);
          reject(signal?.reason);
        };
        const waiter: Waiter = {
          key,
          start: () => {
            signal?.removeEventListener('abort', onAbort);
            const settled = (): void => {
              busy.delete(key);
              running--;
              next();
            };
            task().then(resolve, reject).finally(settled);
          },
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        waiters.push(waiter);
        next();
      });
    },
  };
}
