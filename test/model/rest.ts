import { IP_ALLOCATIONS, PODS, stateOf } from '#api';
import { arriveInOrder, turn } from './step.ts';
import type { World } from './world.ts';

const ROUNDS = 80;
/** So many rounds in which nothing changes count as rest: an agent asks once a minute after addresses that are kept. */
const QUIET_ROUNDS = 4;
const ROUND_MS = 31_000;
/** A pod that could not be started so often will not be. */
const PATIENCE = 6;

/**
 * Ends all trouble and lets time pass until nothing happens any more. Pods for which no address is left are deleted on the way.
 * @returns what does not come to rest
 */
export async function comeToRest(world: World): Promise<string | undefined> {
  const { nodes, network, api, objects, time } = world;
  world.trace(() => 'people: no more trouble from here on');
  for (const node of nodes) {
    node.machine.isCut = false;
    node.crashAt(Number.POSITIVE_INFINITY);
    node.start();
  }
  for (const call of network.late()) call.carryOut();
  const failures = new Map<string, number>();
  let quiet = 0;
  for (let round = 0; round < ROUNDS && quiet < QUIET_ROUNDS; round++) {
    const before = api.store.version;
    await arriveInOrder(world);
    await keepPods(world, failures);
    await arriveInOrder(world);
    const isBusy = nodes.some(({ sandboxes }) => sandboxes.some(({ state }) => state !== 'up' && state !== 'gone'));
    quiet = api.store.version === before && !isBusy ? quiet + 1 : 0;
    time.moveTo(time.now + ROUND_MS);
    network.expire();
    await turn();
  }
  if (quiet === QUIET_ROUNDS) return undefined;
  const busy = nodes.flatMap(({ sandboxes }) => sandboxes.filter(({ state }) => state !== 'up' && state !== 'gone'));
  return `nothing comes to rest: ${JSON.stringify(busy)}, ${objects.list(IP_ALLOCATIONS).length} claims`;
}

async function keepPods(world: World, failures: Map<string, number>): Promise<void> {
  const { nodes, objects, trace } = world;
  for (const node of nodes) {
    for (const pod of node.pending()) {
      const isFailed = node.sandboxes.some(({ state, pod: { uid } }) => state === 'failed' && uid === pod.uid);
      const count = (failures.get(pod.uid) ?? 0) + (isFailed ? 1 : 0);
      failures.set(pod.uid, count);
      node.sync(pod);
      const found = objects.podOf(pod.uid);
      if (count < PATIENCE || found === undefined || stateOf(found) !== 'live') continue;
      trace(() => `people: pod ${pod.name} does not start, and is deleted`);
      objects.delete(PODS, pod.name);
    }
  }
}
