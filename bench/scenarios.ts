/** What the bench can measure; each has its own agents and leaves none behind. */
import { type AttachReport, attach } from './scenarios/attach.ts';
import { type LoopReport, loop } from './scenarios/loop.ts';
import { type MemoryReport, memory } from './scenarios/memory.ts';
import { type PodsReport, pods } from './scenarios/pods.ts';
import type { ScenarioContext } from './scenarios/scenario.ts';

/** The scenarios that ran. */
export interface BenchReport {
  readonly attach?: AttachReport;
  readonly pods?: PodsReport;
  readonly loop?: LoopReport;
  readonly memory?: MemoryReport;
}

export type ScenarioName = keyof BenchReport;

export const SCENARIOS: { readonly [N in ScenarioName]: (context: ScenarioContext) => Promise<unknown> } = {
  attach,
  pods,
  loop,
  memory,
};
