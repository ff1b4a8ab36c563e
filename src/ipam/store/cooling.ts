import type { Family } from '#ip';
import { parseClaimName } from './claim-name.ts';

/** Addresses that were released, least recently first. Best effort: of those that this process saw, and forgotten at a restart. */
export interface Cooling {
  noteReleased(claimName: string): void;
  /** Those of a scope. Changes as claims are released. */
  of(scope: string, family: Family): ReadonlySet<bigint>;
}

/** Enough for every address of a scope that pods turn over in a few minutes. */
const LIMIT = 2_000;

/** Remembers the last 2 000 releases of each scope. */
export function createCooling(): Cooling {
  const scopes = new Map<string, Set<bigint>>();

  function setOf(scope: string, family: Family): Set<bigint> {
    const key = `${scope} ${family}`;
    const known = scopes.get(key) ?? new Set();
    scopes.set(key, known);
    return known;
  }

  return {
    noteReleased(claimName) {
      const parsed = parseClaimName(claimName);
      if (parsed === undefined) return;
      const values = setOf(parsed.scope, parsed.ip.family);
      values.delete(parsed.ip.value);
      values.add(parsed.ip.value);
      const [oldest] = values;
      if (values.size > LIMIT && oldest !== undefined) values.delete(oldest);
    },
    of: setOf,
  };
}
