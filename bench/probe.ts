/**
 * Loaded into an agent before its own program (`node --import`): how long its event loop is away from its work, and how
 * long a file access on libuv's thread pool takes. Answers each message with what was seen since the last one.
 */
import { stat } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';

/** In milliseconds, one number an observation. */
export interface ProbeReport {
  /** What a timer of 1 ms was late. */
  readonly loopGaps: readonly number[];
  /** From asking for a `stat` to having its answer in JavaScript. */
  readonly fsCalls: readonly number[];
}

const TIMER_MS = 1;
const STAT_PAUSE_MS = 2;

function watchLoop(take: (gapMs: number) => void): void {
  let last = performance.now();
  const tick = (): void => {
    const now = performance.now();
    take(Math.max(0, now - last - TIMER_MS));
    last = now;
    setTimeout(tick, TIMER_MS).unref();
  };
  tick();
}

function watchPool(take: (ms: number) => void): void {
  const ask = async (): Promise<void> => {
    const started = performance.now();
    await stat('/');
    take(performance.now() - started);
    setTimeout(next, STAT_PAUSE_MS).unref();
  };
  const next = (): void => void ask();
  next();
}

let loopGaps: number[] = [];
let fsCalls: number[] = [];
watchLoop(gap => loopGaps.push(gap));
watchPool(time => fsCalls.push(time));
process.on('message', () => {
  const report: ProbeReport = { loopGaps, fsCalls };
  process.send?.(report);
  loopGaps = [];
  fsCalls = [];
});
process.channel?.unref();
