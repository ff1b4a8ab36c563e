import { IP_ALLOCATIONS, NODES, PODS, stateOf } from '#api';
import { arriveInOrder, turn } from '../steps/arrivals.ts';
import { endMigration } from '../steps/virtual-machines.ts';
import type { World } from '../world.ts';
import { isInInterface } from './holders.ts';

const ROUNDS = 100;
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
  const { nodes, network, objects, time } = world;
  endTrouble(world);
  const lost = nodes.filter(({ isLost }) => isLost);
  for (const { name } of lost) buryNode(name, world);
  // A node whose agent says nothing any more is given up after five minutes.
  const enough = lost.length > 0 ? QUIET_ROUNDS + 10 : QUIET_ROUNDS;
  const failures = new Map<string, number>();
  let quiet = 0;
  for (let round = 0; round < ROUNDS && quiet < enough; round++) {
    const before = versionOf(world);
    await arriveInOrder(world);
    await keepPods(world, failures);
    await arriveInOrder(world);
    endMigration(world);
    quiet = versionOf(world) === before && !isBusy(world) ? quiet + 1 : 0;
    time.moveTo(time.now + ROUND_MS);
    network.expire();
    await turn();
  }
  if (quiet === enough) return undefined;
  const busy = nodes.flatMap(({ sandboxes }) =>
    sandboxes.list.filter(({ state }) => state !== 'up' && state !== 'gone'),
  );
  const claims = objects.list(IP_ALLOCATIONS).map(({ metadata, spec }) => `${metadata.name} ${spec.policy}`);
  return `nothing comes to rest: ${JSON.stringify(busy)}, ${claims.join()}`;
}

function endTrouble({ nodes, controllers, network, neighbours, trace }: World): void {
  trace(() => 'people: no more trouble from here on');
  for (const controller of controllers) controller.start();
  for (const node of nodes) {
    node.machine.isCut = false;
    node.crashAt(Number.POSITIVE_INFINITY);
    node.start();
  }
  for (const call of network.late()) call.carryOut();
  for (const address of neighbours.strangers) neighbours.leave(address);
}

/** Sandboxes are made or ended, or addresses are in quarantine, which ends. */
function isBusy(world: World): boolean {
  const { nodes, objects } = world;
  return (
    nodes.some(({ sandboxes }) => sandboxes.list.some(({ state }) => state !== 'up' && state !== 'gone')) ||
    objects.list(IP_ALLOCATIONS).some(claim => claim.spec.policy === 'Quarantine' && !isInInterface(claim, world))
  );
}

async function keepPods(world: World, failures: Map<string, number>): Promise<void> {
  const { nodes, objects, trace } = world;
  for (const node of nodes) {
    for (const pod of node.pending()) {
      const isFailed = node.sandboxes.list.some(({ state, pod: { uid } }) => state === 'failed' && uid === pod.uid);
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

/** What the cloud does with a machine that has gone, and the cluster with its pods. */
function buryNode(name: string, { objects }: World): void {
  if (objects.find(NODES, name) !== undefined) objects.delete(NODES, name);
  for (const { metadata, spec } of objects.list(PODS)) {
    if (spec.nodeName === name) objects.delete(PODS, metadata.name, { gracePeriodSeconds: 0 });
  }
}

/** Leases are renewed for ever, and count as no change. */
function versionOf({ objects }: World): string {
  return [...objects.list(IP_ALLOCATIONS), ...objects.list(PODS)]
    .map(({ metadata }) => metadata.resourceVersion)
    .join();
}
