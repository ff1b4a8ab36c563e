/** Gives the event loop's turns out one by one: work that takes milliseconds in one go must not come in bunches. */
export interface LoopShare {
  /**
   * Resolves in a turn of the event loop that no other owner has or will get: at once when it is nobody's yet, or the
   * owner's already. Between two turns the loop serves its sockets, timers and files. In order of asking.
   */
  take(owner: object): Promise<void>;
}

export function createLoopShare(): LoopShare {
  const waiters: { readonly owner: object; readonly start: () => void }[] = [];
  let holder: object | undefined;

  function give(owner: object): void {
    holder = owner;
    // Where the loop's immediates run, one that is asked for now comes in the next turn.
    setImmediate(next);
  }

  function next(): void {
    const waiter = waiters.shift();
    holder = undefined;
    if (waiter === undefined) return;
    give(waiter.owner);
    waiter.start();
  }

  return {
    take(owner) {
      if (holder === owner) return Promise.resolve();
      if (holder === undefined && waiters.length === 0) {
        holder = owner;
        // Elsewhere in the loop this turn's immediates are still to come: the next turn is one further.
        setImmediate(() => setImmediate(next));
        return Promise.resolve();
      }
      return new Promise(resolve => waiters.push({ owner, start: resolve }));
    },
  };
}
