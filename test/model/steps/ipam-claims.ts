import { IPAM_CLAIMS } from '#api';
import { newIpamClaim } from '../cluster/manifests.ts';
import { KEPT, type World } from '../world.ts';
import { anyOf, type Weighted } from './possible.ts';

/** IPAMClaims are made and deleted. */
export const ipamClaimSteps: readonly Weighted[] = [[1, replace]];

function replace(world: World): void {
  const { objects, trace } = world;
  const name = anyOf(KEPT, world) ?? '';
  const isThere = objects.find(IPAM_CLAIMS, name) !== undefined;
  if (isThere) objects.delete(IPAM_CLAIMS, name);
  else objects.create(IPAM_CLAIMS, newIpamClaim(name, 'lan'));
  trace(() => `people: IPAMClaim ${name} is ${isThere ? 'deleted' : 'made'}`);
}
