import type { IPAllocation } from '#api';
import { type IntervalSet, normalise, parsePrefix } from '#ip';

/** Which addresses of which pool are held; the claims are looked through when that is first asked, and once. */
export function createHolders(claims: readonly IPAllocation[]): (pool: string) => IntervalSet {
  let held: ReadonlyMap<string, readonly bigint[]> | undefined;
  return pool => {
    held ??= valuesByPool(claims);
    return normalise((held.get(pool) ?? []).map(value => ({ first: value, last: value })));
  };
}

function valuesByPool(claims: readonly IPAllocation[]): ReadonlyMap<string, readonly bigint[]> {
  const values = new Map<string, bigint[]>();
  for (const { spec } of claims) {
    if (spec.pool.dialect !== 'spiderpool') continue;
    const own = values.get(spec.pool.name) ?? [];
    own.push(parsePrefix(spec.address).address);
    values.set(spec.pool.name, own);
  }
  return values;
}
