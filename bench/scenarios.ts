/** What the bench can measure; each has its own agents and leaves none behind. */
import { type AddressesReport, addresses } from './scenarios/addresses.ts';
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
  readonly addresses?: AddressesReport;
}

export type ScenarioName = keyof BenchReport;

export const SCENARIOS: { readonly [N in ScenarioName]: (context: ScenarioContext) => Promise<unknown> } = {
  attach,
  pods,
  loop,
  memory,
  addresses,
};
