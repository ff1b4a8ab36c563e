import { formatPath, type ObjectProblem } from '#api';
import type { LintFinding } from '#attach';

/** What is said of an object. */
export type Finding = Pick<LintFinding, 'severity' | 'field' | 'message'>;

export function toFinding({ path, message, severity = 'error' }: ObjectProblem): Finding {
  return { severity, field: formatPath(path), message };
}

/** For people: the field, and what is the matter with it. */
export function sentenceOf({ field, message }: Finding): string {
  return message.startsWith(`${field} `) || field === WHOLE ? message : `${field}: ${message}`;
}

const WHOLE = formatPath([]);
