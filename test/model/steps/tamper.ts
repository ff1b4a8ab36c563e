import { IP_ALLOCATIONS } from '#api';
import type { World } from '../world.ts';
import { anyOf } from './possible.ts';

/** Somebody deletes a claim by hand. */
export function tamper(world: World): void {
  const { objects, trace, lost } = world;
  const claim = anyOf(objects.list(IP_ALLOCATIONS), world);
  if (claim === undefined) return;
  lost.add(claim.metadata.uid ?? '');
  objects.delete(IP_ALLOCATIONS, claim.metadata.name);
  trace(() => `people: claim ${claim.metadata.name} is deleted by hand`);
}
