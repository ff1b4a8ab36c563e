/** One command of a session with kubectl. Later ones build upon what earlier ones did. */
export interface Step extends Expectation {
  readonly args: readonly string[];
  /** What `-f -` reads. */
  readonly input?: readonly object[];
  /** Input that another command's output goes into. */
  readonly inputFrom?: { readonly args: readonly string[]; readonly make: (output: string) => readonly object[] };
  /** Whether a controller of a real cluster may still be at it: the command is repeated until it shows the right thing. */
  readonly isSettling?: boolean;
  /** Why the sandbox answers otherwise than a real API server. Everything else must come out the same. */
  readonly differs?: string;
  /** What the sandbox is to answer, where that is something else. */
  readonly onSandbox?: Expectation & {
    /** Only to kubectls up to this minor version. */
    readonly upTo?: number;
  };
}

export interface Expectation {
  /** What stdout must show, or stderr of a command that fails. */
  readonly shows?: RegExp;
  readonly fails?: boolean;
}

/** What a server must answer to a step. */
export function expectationOf(step: Step, server: 'sandbox' | 'cluster', minor: number): Expectation {
  const { onSandbox } = step;
  return server === 'sandbox' && onSandbox !== undefined && minor <= (onSandbox.upTo ?? minor) ? onSandbox : step;
}

export function titleOf(step: Step): string {
  return `kubectl ${step.args.map(arg => (/[\s{]/.test(arg) ? `'${arg}'` : arg)).join(' ')}`;
}
