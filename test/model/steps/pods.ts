import { PODS, type Pod, stateOf } from '#api';
import { newPod } from '../cluster/manifests.ts';
import { KEPT, type World } from '../world.ts';
import { anyOf, type Weighted } from './possible.ts';

/** Pods come and go. */
export const podSteps: readonly Weighted[] = [
  [16, syncPod],
  [16, createPod],
  [4, bindPod],
  [8, endPod],
  [2, finishPod],
];

/** Kubelets do what is next with their pods, all of them or one. */
function syncPod(world: World): void {
  const wanted = world.nodes.flatMap(node => node.pending().map(pod => ({ node, pod })));
  const isOne = world.choices.draw(2) === 1;
  const one = isOne ? anyOf(wanted, world) : undefined;
  for (const { node, pod } of one === undefined ? wanted : [one]) node.sync(pod);
}

const POD_NAMES = ['a', 'b', 'c', 'd', 'e'];

function createPod(world: World): void {
  const { objects, choices } = world;
  const name = anyOf(
    POD_NAMES.filter(free => objects.find(PODS, free) === undefined),
    world,
  );
  if (name === undefined) return;
  const kept = (): unknown => ({ ...on('lan'), 'ipam-claim-reference': anyOf(KEPT, world) });
  const networks = choices.pick<() => readonly unknown[]>([
    [4, () => [on('lan')]],
    [2, () => [on('wan')]],
    [2, () => [on('lan'), on('wan')]],
    [3, () => [kept()]],
  ])();
  const node = choices.draw(4) === 3 ? undefined : anyOf(world.nodes, world)?.name;
  makePod(newPod(name, networks, node), world);
}

/** An element of the networks annotation. */
export function on(network: string): object {
  return { name: network, namespace: 'default' };
}

export function makePod(pod: Pod, { objects, trace }: World): void {
  objects.create(PODS, pod);
  trace(() => {
    const { name, uid, annotations } = objects.find(PODS, pod.metadata.name)?.metadata ?? pod.metadata;
    return `people: pod ${name} of ${JSON.stringify(annotations)} on ${pod.spec.nodeName ?? 'no node yet'} (${uid})`;
  });
}

function bindPod(world: World): void {
  const { objects, trace } = world;
  const pod = objects.list(PODS).find(({ spec }) => spec.nodeName === undefined);
  const node = anyOf(world.nodes, world);
  if (pod === undefined || node === undefined) return;
  objects.bind(pod.metadata.name, node.name);
  trace(() => `scheduler: pod ${pod.metadata.name} goes to ${node.name}`);
}

function endPod(world: World): void {
  const pod = anyOf(world.objects.list(PODS), world);
  if (pod !== undefined) deletePod(pod, world.choices.draw(4) === 3, world);
}

export function deletePod({ metadata: { name } }: Pod, isForced: boolean, { objects, trace }: World): void {
  objects.delete(PODS, name, isForced ? { gracePeriodSeconds: 0 } : {});
  trace(() => `people: pod ${name} is deleted${isForced ? ' by force' : ''}`);
}

function finishPod(world: World): void {
  const pod = anyOf(world.objects.list(PODS).filter(isRunning), world);
  if (pod !== undefined) finish(pod, world);
}

/** Its containers have ended. */
export function finish({ metadata: { name } }: Pod, { objects, trace }: Pick<World, 'objects' | 'trace'>): void {
  objects.patch(PODS, name, { status: { phase: 'Succeeded' } }, 'status');
  trace(() => `kubelet: pod ${name} has finished`);
}

/** Whether a pod lives on a node. */
export function isRunning(pod: Pod): boolean {
  return stateOf(pod) === 'live' && pod.spec.nodeName !== undefined;
}
