import type { Clock } from '#base';

/** Time that passes only when somebody says so. */
export interface VirtualTime {
  readonly now: number;
  /** What one process sees of it: its pauses end with it. */
  clockFor(life: { readonly isOver: boolean }): Clock;
  /** When the next pause ends, if there is one. */
  readonly next: number | undefined;
  /** Sets the time forward; pauses that are over by then end, in their order. Who pauses again does so from now. */
  moveTo(time: number): void;
}

interface Pause {
  readonly until: number;
  readonly order: number;
  readonly life: { readonly isOver: boolean };
  readonly end: () => void;
}

/** Time from `start` on, in milliseconds. */
export function createVirtualTime(start: number): VirtualTime {
  let now = start;
  let count = 0;
  const pauses = new Set<Pause>();
  const pending = (): readonly Pause[] =>
    [...pauses].filter(({ life }) => !life.isOver).sort((a, b) => a.until - b.until || a.order - b.order);
  return {
    get now() {
      return now;
    },
    get next() {
      return pending()[0]?.until;
    },
    clockFor: life => ({
      now: () => now,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason);
          const finish = (): void => {
            pauses.delete(pause);
            signal?.removeEventListener('abort', onAbort);
          };
          const onAbort = (): void => {
            finish();
            reject(signal?.reason);
          };
          const pause: Pause = {
            until: now + ms,
            order: count++,
            life,
            end: () => {
              finish();
              resolve();
            },
          };
          pauses.add(pause);
          signal?.addEventListener('abort', onAbort, { once: true });
        }),
    }),
    moveTo(time) {
      now = Math.max(now, time);
      for (const pause of pending()) if (pause.until <= now) pause.end();
    },
  };
}
