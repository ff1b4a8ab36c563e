/** How fast a file is put back that somebody takes away again and again. */
export interface RestorePace {
  /** Milliseconds to wait before it is put back now. */
  next(now: number): number;
  /** It has been put back. */
  restored(now: number): void;
}

const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;
/** Left alone for this long, it counts as undisturbed again. */
const PEACE_MS = 600_000;

/** The first time at once, then 1 s after the last time, 2 s, 4 s, ... 5 min. */
export function createRestorePace(): RestorePace {
  let times = 0;
  let last = 0;
  return {
    next(now) {
      if (times > 0 && now - last >= PEACE_MS) times = 0;
      if (times === 0) return 0;
      return Math.max(0, last + Math.min(LONGEST_MS, FIRST_MS * 2 ** (times - 1)) - now);
    },
    restored(now) {
      times++;
      last = now;
    },
  };
}
