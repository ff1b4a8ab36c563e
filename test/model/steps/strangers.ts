import { STRANGERS_ADDRESSES } from '../cluster/networks.ts';
import type { World } from '../world.ts';
import { anyOf, type Weighted } from './possible.ts';

/** Somebody on the network uses an address that nobody gave him. */
export const strangerSteps: readonly Weighted[] = [
  [4, come],
  [2, leave],
];

function come(world: World): void {
  const address = anyOf(STRANGERS_ADDRESSES, world);
  if (address !== undefined) world.neighbours.come(address);
}

function leave(world: World): void {
  const address = anyOf(world.neighbours.strangers, world);
  if (address !== undefined) world.neighbours.leave(address);
}
