import type { Lint } from './create-lint.ts';

/** Loads what checks files and objects: an agent never needs it. */
export async function loadLint(): Promise<Lint> {
  const [{ createLint }, { listLintRules }] = await Promise.all([
    import('./create-lint.ts'),
    import('./rules/lint-rules.ts'),
  ]);
  return createLint(await listLintRules());
}
