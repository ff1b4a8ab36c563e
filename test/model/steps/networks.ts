import { editNetwork, NETWORKS } from '../cluster/networks.ts';
import type { World } from '../world.ts';
import { anyOf, type Weighted } from './possible.ts';

/** People change, shrink and move networks and pools. */
export const networkSteps: readonly Weighted[] = [[2, edit]];

function edit(world: World): void {
  const { dialect, objects, choices, trace } = world;
  const name = anyOf(NETWORKS, world) ?? 'lan';
  const what = editNetwork(name, dialect, objects, choices);
  trace(() => `people: ${what} from now on`);
}
