import { valueInScope } from './claim-object.ts';
import type { Pool } from './claim-store.ts';

/** Addresses that this process released, least recently first. Best effort: forgotten at a restart. */
export interface Cooling {
  noteReleased(claimName: string): void;
  /** Those of the pool's scope. */
  of(pool: Pool): ReadonlySet<bigint>;
}

/** Enough for every address that a node's pods can turn over in a few minutes. */
const LIMIT = 2_000;

/** Remembers the last 2 000 releases. */
export function createCooling(): Cooling {
  const names = new Set<string>();
  return {
    noteReleased(claimName) {
      names.delete(claimName);
      names.add(claimName);
      const [oldest] = names;
      if (names.size > LIMIT && oldest !== undefined) names.delete(oldest);
    },
    of(pool) {
      const values = [...names].map(name => valueInScope(pool, name));
      return new Set(values.filter(value => value !== undefined));
    },
  };
}
