import type { LintFinding } from './finding.ts';
import type { LintedNetwork } from './lint-network.ts';

/** What is in a file, and what is wrong with it. */
export interface LintReport {
  readonly findings: readonly LintFinding[];
  readonly networks: readonly LintedNetwork[];
}

export const NOTHING: LintReport = { findings: [], networks: [] };

/** One report of all, in the order of lines. */
export function joinReports(reports: readonly LintReport[]): LintReport {
  return {
    findings: reports.flatMap(({ findings }) => findings).sort((a, b) => a.line - b.line),
    networks: reports.flatMap(({ networks }) => networks),
  };
}
