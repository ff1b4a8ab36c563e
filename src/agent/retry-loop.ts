import { type Clock, codeOf, createKeyedQueue, type Log, messageOf } from '#base';

/** Work that has failed before and is done again until it succeeds. */
export interface RetryTask {
  /** Names it in the log; one task of a name at a time. */
  readonly id: string;
  /** What sort of work it is: counted apart. */
  readonly kind: string;
  /** What people can do about it, for the log. */
  readonly cure: string;
  /** Resolves when it is done, or has nothing left to do. */
  run(): Promise<void>;
}

/** Everything on the node that is still to be done again. */
export interface RetryLoop {
  /** Takes on a task that has just failed; one that is known already goes on as it is. */
  add(task: RetryTask, error: unknown): void;
  /** Something has changed that may have been in the way: the next tries come sooner. */
  wake(): void;
  /** Tasks of a kind not done yet. */
  count(kind: string): number;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;
/** What a pause is cut to when something has changed: a busy node changes all the time. */
const SHORTENED = 1 / 8;
const PARALLEL = 4;

interface Pending {
  readonly task: RetryTask;
  /** Ends the pause early. */
  woken: AbortController;
}

/**
 * Tries failed work again, never giving up: each task at its own pace, doubling from 1 s to 5 min, with a random half taken
 * off. Logs the 1st, 2nd, 4th, 8th, ... failure. Ends with the signal.
 */
export function createRetryLoop(clock: Clock, log: Log, signal: AbortSignal): RetryLoop {
  const tasks = new Map<string, Pending>();
  const places = createKeyedQueue(PARALLEL);

  function report({ id, kind, cure }: RetryTask, failures: number, error: unknown): void {
    if (!Number.isInteger(Math.log2(failures))) return;
    log.error(
      { [kind]: id, failures, code: codeOf(error), error: messageOf(error), cure },
      'Cannot finish this now; trying again',
    );
  }

  async function pause(pending: Pending, failures: number): Promise<void> {
    const full = pauseMs(failures);
    pending.woken = new AbortController();
    await clock.sleep(full * SHORTENED, signal);
    const rest = AbortSignal.any([signal, pending.woken.signal]);
    // Rejects when it is woken, too.
    await clock.sleep(full * (1 - SHORTENED), rest).catch(() => signal.throwIfAborted());
  }

  async function keepTrying(pending: Pending): Promise<void> {
    const { task } = pending;
    for (let failures = 1; ; failures++) {
      await pause(pending, failures);
      try {
        await places.run(task.id, () => task.run(), signal);
      } catch (error) {
        signal.throwIfAborted();
        report(task, failures + 1, error);
        continue;
      }
      log.info({ [task.kind]: task.id, failures }, 'Finished what could not be finished before');
      return;
    }
  }

  return {
    add(task, error) {
      if (tasks.has(task.id) || signal.aborted) return;
      const pending: Pending = { task, woken: new AbortController() };
      tasks.set(task.id, pending);
      report(task, 1, error);
      keepTrying(pending)
        .catch((reason: unknown) => {
          if (!signal.aborted)
            log.error({ [task.kind]: task.id, error: messageOf(reason) }, 'Trying again has stopped');
        })
        .finally(() => tasks.delete(task.id));
    },
    wake() {
      for (const { woken } of tasks.values()) woken.abort();
    },
    count: kind => [...tasks.values()].filter(({ task }) => task.kind === kind).length,
  };
}

function pauseMs(failures: number): number {
  const full = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  return full * (1 - Math.random() / 2);
}
