import type { LintReport } from './lint-file.ts';

/** What checks files. */
export interface Lint {
  lintText(text: string): LintReport;
  formatReport(file: string, report: LintReport): string;
}

/** Loads what checks files: an agent never needs it. */
export async function loadLint(): Promise<Lint> {
  const [{ lintText }, { formatReport }] = await Promise.all([import('./lint-file.ts'), import('./format-report.ts')]);
  return { lintText, formatReport };
}
