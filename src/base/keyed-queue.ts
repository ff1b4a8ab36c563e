/** Runs tasks of one key one after another and different keys in parallel, never more than `limit` at once. */
export interface KeyedQueue {
  /** Resolves with the task's result. A task whose signal is aborted before its turn never starts. */
  run<T>(key: string, task: (aside: Aside) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Tasks started and not yet settled, less those that have stepped aside. */
  readonly running: number;
  /** Tasks waiting for their key or for a place. */
  readonly waiting: number;
}

/**
 * Waits for something with the task's place given to others, who may be the ones to bring it about; goes on when there is a
 * place again, before those who have not begun. The task's key stays its own.
 */
export type Aside = <T>(wait: () => Promise<T>) => Promise<T>;

interface Waiter {
  /** undefined: it has its key. */
  readonly key: string | undefined;
  readonly start: () => void;
}

/** Serves waiters in order of arrival, past those whose key is busy. */
export function createKeyedQueue(limit: number): KeyedQueue {
  const busy = new Set<string>();
  const waiters: Waiter[] = [];
  let running = 0;

  function next(): void {
    while (running < limit) {
      const index = waiters.findIndex(({ key }) => key === undefined || !busy.has(key));
      const waiter = index < 0 ? undefined : waiters.splice(index, 1)[0];
      if (waiter === undefined) return;
      if (waiter.key !== undefined) busy.add(waiter.key);
      running++;
      waiter.start();
    }
  }

  function leave(): void {
    running--;
    next();
  }

  function comeBack(): Promise<void> {
    return new Promise(resolve => {
      waiters.unshift({ key: undefined, start: resolve });
      next();
    });
  }

  return {
    get running() {
      return running;
    },
    get waiting() {
      return waiters.length;
    },
    run<T>(key: string, task: (aside: Aside) => Promise<T>, signal?: AbortSignal): Promise<T> {
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
            const place = createPlace(leave, comeBack);
            const settled = (): void => {
              busy.delete(key);
              place.end();
              // Whoever has the same key, also where no place was left.
              next();
            };
            task(place.aside).then(resolve, reject).finally(settled);
          },
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        waiters.push(waiter);
        next();
      });
    },
  };
}

/** One task's place. The task may wait for several things at once: it is aside until it waits for none of them. */
function createPlace(leave: () => void, comeBack: () => Promise<void>): { readonly aside: Aside; end(): void } {
  let waits = 0;
  let isHeld = true;
  let isOver = false;
  let back: Promise<void> | undefined;

  const giveUp = (): void => {
    isHeld = false;
    leave();
  };

  async function takeBack(): Promise<void> {
    await comeBack();
    back = undefined;
    isHeld = true;
    // Meanwhile it may have come to its end, or wait again.
    if (isOver || waits > 0) giveUp();
  }

  return {
    async aside(wait) {
      waits++;
      if (isHeld) giveUp();
      try {
        return await wait();
      } finally {
        waits--;
        if (waits === 0 && !isHeld && !isOver) {
          back ??= takeBack();
          await back;
        }
      }
    },
    end() {
      isOver = true;
      if (isHeld) giveUp();
    },
  };
}
