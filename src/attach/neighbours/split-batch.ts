import type { WiringItem } from '#wiring';
import type { PlannedWiring } from '../add/planned-wiring.ts';

/**
 * Divides what is planned by what has to be there before a neighbour can be asked: every link, and all of the node's side,
 * which a gateway may be on. What is left is what makes the pod use its addresses. The order stays as planned in both.
 */
export function splitBatch(batch: readonly PlannedWiring[]): {
  readonly before: readonly PlannedWiring[];
  readonly after: readonly PlannedWiring[];
} {
  const only = (isWanted: (item: WiringItem) => boolean): readonly PlannedWiring[] =>
    batch
      .map(planned => ({ ...planned, wiring: planned.wiring.filter(isWanted) }))
      .filter(({ wiring }) => wiring.length > 0);
  return { before: only(item => !usesAddress(item)), after: only(usesAddress) };
}

function usesAddress({ place, kind }: WiringItem): boolean {
  return place === 'pod' && USES_ADDRESS.has(kind);
}

const USES_ADDRESS: ReadonlySet<WiringItem['kind']> = new Set(['address', 'route', 'rule', 'neighbour', 'absent']);
