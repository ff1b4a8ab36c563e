import type { AttachmentPolicy } from '#api';
import type { LintReport } from './lint-file.ts';

/** What checks files. */
export interface Lint {
  lintText(text: string, policies?: readonly AttachmentPolicy[]): LintReport;
  readPolicies(text: string): readonly AttachmentPolicy[];
  formatReport(file: string, report: LintReport): string;
}

/** Loads what checks files: an agent never needs it. */
export async function loadLint(): Promise<Lint> {
  const [file, { formatReport }] = await Promise.all([import('./lint-file.ts'), import('./format-report.ts')]);
  return { lintText: file.lintText, readPolicies: file.readPolicies, formatReport };
}
