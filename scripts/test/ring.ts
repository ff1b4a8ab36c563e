/** A ring: tests that need the same things from the machine. */
export interface Ring {
  readonly id: string;
  readonly name: string;
  readonly purpose: string;
  run(options: RunOptions): Promise<RingOutcome>;
}

export interface RunOptions {
  readonly filter: string | undefined;
  readonly isVerbose: boolean;
}

export type RingOutcome =
  | { readonly kind: 'ran'; readonly tests: readonly TestOutcome[] }
  /** The machine cannot run this ring at all. */
  | { readonly kind: 'unable'; readonly reason: string };

export interface TestOutcome {
  readonly name: string;
  /** Path from the project's root; undefined for static checks. */
  readonly file?: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Why it failed, in full, or why it was skipped. */
  readonly detail?: string;
  readonly ms: number;
}
