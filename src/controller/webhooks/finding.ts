import { formatPath, type ObjectProblem } from '#api';
import type { LintFinding } from '#attach';

/** What is said of an object. */
export type Finding = Pick<LintFinding, 'severity' | 'field' | 'message'>;

export function toFinding({ path, message, severity = 'error' }: ObjectProblem): Finding {
  return { severity, field: formatPath(path), message };
}

/** For people: the field, and what is the matter with it. */
export function sentenceOf(finding: Finding): string {
  const { field, message } = finding;
  const rest = behindField(finding);
  if (field === WHOLE || (rest === message && message.startsWith(`${field} `))) return message;
  return rest.startsWith('is ') ? `${field} ${rest}` : `${field}: ${rest}`;
}

/** The message where the field stands before it already: `is "x", expected y`. */
export function behindField({ field, message }: Finding): string {
  const rest = message.startsWith(field) ? message.slice(field.length) : '';
  if (rest.startsWith(': ')) return rest.slice(2);
  return rest.startsWith(' is ') ? rest.slice(1) : message;
}

const WHOLE = formatPath([]);
