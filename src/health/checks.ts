/** What a daemon must have before it is of use, each asked whenever somebody wants to know. */
export interface Checks {
  /** Adds one, in the place of another of its name. @param problem what is wrong now; undefined: nothing */
  set(name: string, problem: () => string | undefined): void;
  results(): readonly CheckResult[];
}

export interface CheckResult {
  readonly name: string;
  /** undefined: nothing is wrong. */
  readonly problem: string | undefined;
}

/** None yet. */
export function createChecks(): Checks {
  const checks = new Map<string, () => string | undefined>();
  return {
    set: (name, problem) => void checks.set(name, problem),
    results: () => [...checks].map(([name, problem]) => ({ name, problem: problem() })),
  };
}

/** The text that `kubectl get --raw '/readyz?verbose'` shows of an API server, for ours. Pure. */
export function formatChecks(endpoint: string, results: readonly CheckResult[]): string {
  const lines = results.map(({ name, problem }) =>
    problem === undefined ? `[+]${name} ok` : `[-]${name} failed: ${problem}`,
  );
  const verdict = results.every(({ problem }) => problem === undefined) ? 'passed' : 'failed';
  return [...lines, `${endpoint} check ${verdict}`, ''].join('\n');
}
