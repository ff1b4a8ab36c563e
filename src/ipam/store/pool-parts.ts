import { createWalk } from './hashed-walk.ts';

/**
 * The parts of a pool, best first, for a node that knows of others at work in it. All choose one part after another in turns, each
 * in an order of its own: nodes that know of each other agree on whose a part is without a word, and have equally many. A node
 * takes its own parts first, and then those that came last to others, which they need last.
 *
 * @param rivals those that are not known cost a lost address each, no more
 */
export function orderParts(count: number, seed: string, node: string, rivals: ReadonlySet<string>): readonly number[] {
  const own = walkOf(count, seed, node);
  if (rivals.size === 0) return own;
  const chosen = chooseInTurns(
    // Later ones would get none.
    [...new Set([...rivals, node])].sort().slice(0, count),
    by => (by === node ? own : walkOf(count, seed, by)),
    count,
  );
  const isOwn = (part: number): boolean => chosen.get(part)?.by === node;
  const roundOf = (part: number): number => chosen.get(part)?.round ?? 0;
  // Of one round, each node begins elsewhere.
  return [...own.filter(isOwn), ...own.filter(part => !isOwn(part)).sort((a, b) => roundOf(b) - roundOf(a))];
}

interface Choice {
  readonly by: string;
  readonly round: number;
}

/** Who chooses which part, and in which round. */
function chooseInTurns(
  choosers: readonly string[],
  orderOf: (chooser: string) => readonly number[],
  count: number,
): ReadonlyMap<number, Choice> {
  const chosen = new Map<number, Choice>();
  const left = choosers.map(by => ({ by, order: orderOf(by), next: 0 }));
  for (let round = 0; chosen.size < count; round++) {
    for (const chooser of left) {
      let part = chooser.order[chooser.next++];
      while (part !== undefined && chosen.has(part)) part = chooser.order[chooser.next++];
      if (part !== undefined) chosen.set(part, { by: chooser.by, round });
    }
  }
  return chosen;
}

function walkOf(count: number, seed: string, node: string): readonly number[] {
  const walk = createWalk(BigInt(count), `${seed} ${node}`);
  return Array.from({ length: count }, (_, step) => Number(walk.at(BigInt(step))));
}
