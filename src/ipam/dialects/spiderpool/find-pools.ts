import type { SpiderIPPool } from '#api';
import { type Family, findPrefix } from '#ip';
import type { ObjectSource } from '../../catalog/pool-catalog.ts';
import { compileWildcard, isWildcard } from './wildcard.ts';

/** The pools that a list means, in its order. */
export interface FoundPools {
  readonly pools: readonly SpiderIPPool[];
  /** Names and wildcards that mean no pool, each with why. */
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
}

/** Looks up names; a wildcard means all pools of the family, in the order of their names. A pool that is meant twice counts once. */
export function findPools(
  names: readonly string[],
  family: Family,
  source: Pick<ObjectSource<SpiderIPPool>, 'find' | 'list'>,
): FoundPools {
  const found = new Map<string, SpiderIPPool>();
  const missing: { readonly name: string; readonly reason: string }[] = [];
  for (const name of names) {
    const own = isWildcard(name) ? matching(name, family, source) : find(name, source);
    if (typeof own === 'string') missing.push({ name, reason: own });
    else for (const pool of own) found.set(pool.metadata.name, found.get(pool.metadata.name) ?? pool);
  }
  return { pools: [...found.values()], missing };
}

/** Pools that are used where nothing names one. */
export function findDefaultPools(
  family: Family,
  source: Pick<ObjectSource<SpiderIPPool>, 'list'>,
): readonly SpiderIPPool[] {
  return inOrder(source.list().filter(pool => pool.spec.default === true && familyOf(pool) === family));
}

function find(name: string, source: Pick<ObjectSource<SpiderIPPool>, 'find'>): readonly SpiderIPPool[] | string {
  const pool = source.find({ name });
  return pool === undefined ? 'there is no such SpiderIPPool' : [pool];
}

function matching(
  pattern: string,
  family: Family,
  source: Pick<ObjectSource<SpiderIPPool>, 'list'>,
): readonly SpiderIPPool[] | string {
  const matches = compileWildcard(pattern);
  if (matches === undefined) return 'it is no pattern that ends';
  const pools = source.list().filter(pool => familyOf(pool) === family && matches(pool.metadata.name));
  return pools.length === 0 ? `it matches no IPv${family} SpiderIPPool` : inOrder(pools);
}

function familyOf({ spec }: SpiderIPPool): Family | undefined {
  return findPrefix(spec.subnet)?.family;
}

function inOrder(pools: readonly SpiderIPPool[]): readonly SpiderIPPool[] {
  return pools.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
