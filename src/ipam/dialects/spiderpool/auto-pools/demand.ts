import type { Family } from '#ip';
import type { TopController } from '../top-controller.ts';

/** What a controller's pod template asks of SpiderSubnets. */
export interface AskingController {
  readonly controller: TopController;
  readonly annotations: Readonly<Record<string, string>>;
  /** undefined: a kind of which it is not known. */
  readonly pods: number | undefined;
}

/** One pool that is to be: for one interface of one controller's pods, in one family. */
export interface Demand {
  readonly controller: TopController;
  readonly interface: string;
  readonly family: Family;
  readonly subnet: string;
  /** Addresses that are asked for. */
  readonly count: number;
  /** Those of them that pods need at once, as far as their number is known. */
  readonly needed: number;
  /** Whether the pool goes when the controller has gone. */
  readonly isReclaimed: boolean;
}

/** Something that keeps a controller's pods from what they ask for. */
export interface Complaint {
  readonly controller: TopController;
  readonly message: string;
}
