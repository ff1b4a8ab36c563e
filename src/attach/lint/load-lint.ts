import type { KubeObject } from '#api';
import type { KnownObjects } from './known-objects.ts';
import type { LintReport } from './report.ts';

/** What checks files. */
export interface Lint {
  lintText(text: string, known?: KnownObjects): LintReport;
  readObjects(text: string): readonly KubeObject[];
  knownObjects(objects: readonly KubeObject[]): KnownObjects;
  formatReport(file: string, report: LintReport): string;
}

/** Loads what checks files: an agent never needs it. */
export async function loadLint(): Promise<Lint> {
  const [{ lintText, readObjects }, { knownObjects }, { formatReport }] = await Promise.all([
    import('./lint-file.ts'),
    import('./known-objects.ts'),
    import('./format-report.ts'),
  ]);
  return { lintText, readObjects, knownObjects, formatReport };
}
