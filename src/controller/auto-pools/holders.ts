import type { IPAllocation } from '#api';
import { type Family, type IntervalSet, normalise, type Prefix, parsePrefix } from '#ip';

/** Who has which addresses, by the claims; they are looked through when that is first asked, and once. */
export interface Holders {
  heldOf(pool: string): IntervalSet;
  heldByAnybody(family: Family): IntervalSet;
}

export function createHolders(claims: readonly IPAllocation[]): Holders {
  let read: readonly { readonly pool: string | undefined; readonly address: Prefix }[] | undefined;
  let byPool: ReadonlyMap<string | undefined, NonNullable<typeof read>> | undefined;
  const all = (): NonNullable<typeof read> => {
    read ??= claims.map(({ spec: { address, pool } }) => ({
      pool: pool.dialect === 'spiderpool' ? pool.name : undefined,
      address: parsePrefix(address),
    }));
    return read;
  };
  return {
    heldOf(pool) {
      byPool ??= Map.groupBy(all(), claim => claim.pool);
      return toSet(byPool.get(pool) ?? []);
    },
    heldByAnybody: family => toSet(all().filter(({ address }) => address.family === family)),
  };
}

function toSet(claims: readonly { readonly address: Prefix }[]): IntervalSet {
  return normalise(claims.map(({ address: { address } }) => ({ first: address, last: address })));
}
