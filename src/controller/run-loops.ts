import { codeOf, messageOf } from '#base';
import { Counter, Gauge, type Registry } from '#health';
import { backoffMs } from '#kube';
import type { ControllerDeps } from './deps.ts';
import type { Loop } from './loop.ts';

/** What is counted of the loops. */
export interface LoopMetrics {
  setRunning(loop: string, isRunning: boolean): void;
  countFailure(loop: string): void;
}

/** Runs loops side by side until the signal, each started again when it ends before. One that fails harms no other. */
export async function runLoops(
  loops: readonly Loop[],
  deps: ControllerDeps,
  metrics: LoopMetrics,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(loops.map(loop => runLoop(loop, deps, metrics, signal)));
}

async function runLoop(loop: Loop, deps: ControllerDeps, metrics: LoopMetrics, signal: AbortSignal): Promise<void> {
  const { clock } = deps;
  const log = deps.log.child({ loop: loop.name });
  for (let failures = 1; !signal.aborted; failures++) {
    const startedAt = deps.steady.now();
    metrics.setRunning(loop.name, true);
    // What a run that has failed has opened ends with it: the next one opens its own.
    const run = new AbortController();
    try {
      await loop.start({ ...deps, log }, AbortSignal.any([signal, run.signal]));
      if (!signal.aborted) log.error({}, 'A loop has ended before its time');
    } catch (error) {
      if (!signal.aborted) log.error({ code: codeOf(error), err: messageOf(error) }, 'A loop has failed');
    } finally {
      metrics.setRunning(loop.name, false);
      run.abort();
    }
    if (signal.aborted) return;
    metrics.countFailure(loop.name);
    // One that ran for long has recovered from what was before.
    if (deps.steady.now() - startedAt > 60_000) failures = 1;
    await clock.sleep(backoffMs(failures), signal).catch(() => undefined); // rejects only on abort, which ends the loop
  }
}

/** Registers the metrics once for all loops. */
export function createLoopMetrics(registry: Registry): LoopMetrics {
  const running = new Gauge({
    name: 'underlane_controller_loop_running',
    help: 'Whether a loop of the controller runs on this replica',
    labelNames: ['loop'],
    registers: [registry],
  });
  const failures = new Counter({
    name: 'underlane_controller_loop_failures_total',
    help: 'How often a loop of the controller ended before its time and was started again',
    labelNames: ['loop'],
    registers: [registry],
  });
  return {
    setRunning: (loop, isRunning) => running.set({ loop }, isRunning ? 1 : 0),
    countFailure: loop => failures.inc({ loop }),
  };
}
