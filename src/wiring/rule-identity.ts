import type { RuleFact } from '#facts';
import { networkText } from './prefix-text.ts';

/** Mask that the kernel assumes for a mark without one. */
const WHOLE_MARK = 0xffffffff;

/** Whether the kernel would call these two one rule. Rules have no state: all of a rule is its identity. */
export function isSameRule(a: RuleFact, b: RuleFact): boolean {
  return (
    a.family === b.family &&
    a.priority === b.priority &&
    a.table === b.table &&
    a.iif === b.iif &&
    selector(a.from) === selector(b.from) &&
    selector(a.to) === selector(b.to) &&
    (a.fwmark ?? 0) === (b.fwmark ?? 0) &&
    maskOf(a) === maskOf(b)
  );
}

/** `from 0.0.0.0/0` is how some say `from all`, which the kernel shows as no selector. */
function selector(prefix: string | undefined): string | undefined {
  if (prefix === undefined || prefix.endsWith('/0')) return undefined;
  return networkText(prefix);
}

function maskOf(rule: RuleFact): number {
  if (rule.fwmark === undefined && rule.fwmask === undefined) return 0;
  return (rule.fwmask ?? WHOLE_MARK) >>> 0;
}
