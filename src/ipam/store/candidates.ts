import { type GrowingSet, has, type IntervalSet, indexByRank } from '#ip';
import type { ChoiceOrder, Pool } from './claim-store.ts';
import { createWalk } from './hashed-walk.ts';
import { orderParts } from './pool-parts.ts';

/** What is known about a pool's addresses right now; both may be incomplete, since creating the object decides. */
export interface PoolKnowledge {
  /** Held by somebody. Looked at again for every address, so it may grow meanwhile. */
  readonly taken: TakenAddresses;
  /** Released lately, least recently first: others may still have them in their neighbour tables. */
  readonly cooling: ReadonlySet<bigint>;
}

export type TakenAddresses = Pick<GrowingSet, 'has' | 'firstFree'>;

/** Who asks: they decide where `spread` begins. */
export interface Asker {
  /** One text for each owner. */
  readonly owner: string;
  readonly node: string;
  /** Other nodes that take addresses of the pool, as far as they are known. */
  readonly rivals?: () => ReadonlySet<string>;
}

/** More than nodes use at once, so that few meet; few enough that their order costs nothing. */
const MOST_PARTS = 64n;
/** So many addresses of a part are tried in an order of the owner's own; what is left of a large one, as it comes. */
const SCATTERED = 128n;

/**
 * Addresses to try, best first: each usable one that is not taken exactly once.
 *
 * The order depends only on pool, node and owner, so that two racers for one attachment meet on one name. `spread` differs
 * between them in start and stride, so that racers for different attachments do not meet. Lazy: a /8 or a /64 costs nothing.
 */
export function candidates(
  pool: Pick<Pool, 'scope' | 'ref' | 'usable'>,
  asker: Asker,
  knowledge: PoolKnowledge,
  order: ChoiceOrder,
): Generator<bigint, void> {
  return order === 'spread' ? spread(pool, asker, knowledge) : ascending(pool.usable, knowledge, order);
}

function* ascending(
  usable: IntervalSet,
  { taken, cooling }: PoolKnowledge,
  order: 'unused-first' | 'lowest',
): Generator<bigint, void> {
  let from: bigint | undefined;
  for (;;) {
    const value = taken.firstFree(usable, from);
    if (value === undefined) break;
    from = value + 1n;
    if (order === 'lowest' || !cooling.has(value)) yield value;
  }
  if (order === 'unused-first') yield* cooled(usable, { taken, cooling });
}

function* cooled(usable: IntervalSet, { taken, cooling }: PoolKnowledge): Generator<bigint, void> {
  for (const value of [...cooling]) if (has(usable, value) && !taken.has(value)) yield value;
}

function* spread(
  { scope, ref, usable }: Pick<Pool, 'scope' | 'ref' | 'usable'>,
  { owner, node, rivals = () => NOBODY }: Asker,
  { taken, cooling }: PoolKnowledge,
): Generator<bigint, void> {
  const seed = `${scope} ${ref.dialect} ${ref.kind} ${ref.name}`;
  // As it is now: what begins to cool while we choose is offered at the end, once.
  const later = new Set(cooling);
  const addresses = indexByRank(usable);
  if (addresses.count === 0n) return;
  const size = (addresses.count + MOST_PARTS - 1n) / MOST_PARTS;
  const parts = Number((addresses.count + size - 1n) / size);
  const inside = createWalk(size, `${seed} ${owner}`);
  const isFree = (value: bigint): boolean => !taken.has(value) && !later.has(value);
  for (const part of orderParts(parts, seed, node, rivals())) {
    const start = BigInt(part) * size;
    const end = lesser(start + size, addresses.count);
    const last = addresses.at(end - 1n);
    let free = taken.firstFree(usable, addresses.at(start));
    if (free === undefined || free > last) continue;
    const given = new Set<bigint>();
    for (let position = 0n; position < lesser(size, SCATTERED); position++) {
      const rank = start + inside.at(position);
      if (rank >= end) continue;
      const value = addresses.at(rank);
      given.add(value);
      if (isFree(value)) yield value;
    }
    if (size <= SCATTERED) continue;
    for (; free !== undefined && free <= last; free = taken.firstFree(usable, free + 1n)) {
      if (isFree(free) && !given.has(free)) yield free;
    }
  }
  yield* cooled(usable, { taken, cooling: later });
}

const NOBODY: ReadonlySet<string> = new Set();

/** Math.min() takes no bigint. */
function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}
