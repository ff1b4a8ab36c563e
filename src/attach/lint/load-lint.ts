import type { Lint } from './create-lint.ts';

/** Loads what checks files and objects: an agent never needs it. */
export async function loadLint(): Promise<Lint> {
  const [{ createLint }, { listObjectRules }] = await Promise.all([
    import('./create-lint.ts'),
    import('./rules/object-rules.ts'),
  ]);
  return createLint(await listObjectRules());
}
