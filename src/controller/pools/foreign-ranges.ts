import type { WhereaboutsIPPool } from '#api';
import { isOurs } from '../views/ours.ts';
import type { PoolSize } from './pool-size.ts';

/** A range from which Underlane hands out addresses while Whereabouts' own records say that others have some of them. */
export interface ForeignRange {
  readonly pool: PoolSize;
  readonly object: WhereaboutsIPPool;
}

/** Ranges that were not taken over, although pods get addresses of them here: one may be given twice. Pure. */
export function foreignRanges(
  sizes: readonly PoolSize[],
  objects: readonly WhereaboutsIPPool[],
  heldOf: (pool: PoolSize) => number,
): readonly ForeignRange[] {
  const recorded = objects.filter(object => !isOurs(object) && Object.keys(object.spec.allocations ?? {}).length > 0);
  const byName = new Map(recorded.map(object => [object.metadata.name, object]));
  return sizes.flatMap(pool => {
    const object = pool.key.dialect === 'whereabouts' ? byName.get(pool.key.name) : undefined;
    return object === undefined || heldOf(pool) === 0 ? [] : [{ pool, object }];
  });
}

/** For the Event. */
export function sayForeign({ object: { metadata, spec } }: ForeignRange): string {
  const count = Object.keys(spec.allocations).length;
  return `Whereabouts' IPPool ${metadata.namespace}/${metadata.name} says who has ${count} of its addresses, which Underlane does not know: it hands them out as well, until "underlane migrate --from whereabouts" has taken the IPPool over`;
}
