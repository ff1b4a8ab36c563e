import { PODS, type Pod, VIRTUAL_MACHINE_INSTANCES, VIRTUAL_MACHINES } from '#api';
import { isTarget, newInstance, newMachine, newPod, ofInstance } from '../cluster/manifests.ts';
import type { World } from '../world.ts';
import { deletePod, finish, isRunning, makePod, on } from './pods.ts';
import { anyOf, type Weighted } from './possible.ts';

/** A virtual machine of KubeVirt: it starts, migrates while it runs, stops, and is made anew. */
export const virtualMachineSteps: readonly Weighted[] = [
  [14, runOrMigrate],
  [1, change],
];

const NAME = 'vm';
const LAUNCHER = `virt-launcher-${NAME}-`;

/** KubeVirt's next step: a pod for a machine that has none, one to migrate to, or the end of a migration. */
function runOrMigrate(world: World): void {
  const { objects, choices } = world;
  const instance = objects.find(VIRTUAL_MACHINE_INSTANCES, NAME);
  if (instance === undefined) return;
  const [pod, target] = machinePods(world);
  if (pod === undefined || (target === undefined && isUp(pod, world))) {
    const name = `${LAUNCHER}${1 + Math.max(0, ...objects.list(PODS).filter(isOfMachine).map(ageOf))}`;
    // A machine migrates to another node.
    const node = anyOf(
      world.nodes.filter(other => other.name !== pod?.spec.nodeName),
      world,
    )?.name;
    if (node !== undefined) makePod(newPod(name, [on('wan')], node, ofInstance(instance, pod !== undefined)), world);
  } else if (target !== undefined) {
    // It has come through, or has not.
    if (choices.draw(3) < 2 && isUp(target, world)) finish(pod, world);
    else if (choices.draw(2) === 1) deletePod(target, false, world);
  }
}

/** The machine's pods that live, the one that it runs in first. */
function machinePods({ objects }: Pick<World, 'objects'>): readonly Pod[] {
  const live = objects.list(PODS).filter(pod => isOfMachine(pod) && isRunning(pod));
  return live.length < 2 ? live : live.toSorted((a, b) => ageOf(a) - ageOf(b));
}

function ageOf({ metadata }: Pod): number {
  return Number(metadata.name.slice(LAUNCHER.length));
}

function isOfMachine({ metadata }: Pod): boolean {
  return metadata.name.startsWith(LAUNCHER);
}

function isUp({ metadata }: Pod, { nodes }: World): boolean {
  return nodes.some(({ sandboxes }) =>
    sandboxes.list.some(({ pod, state }) => pod.uid === metadata.uid && state === 'up'),
  );
}

/** The machine is stopped, started again, deleted or made. */
function change(world: World): void {
  const { objects, choices, trace } = world;
  const machine = objects.find(VIRTUAL_MACHINES, NAME);
  const isRunningNow = objects.find(VIRTUAL_MACHINE_INSTANCES, NAME) !== undefined;
  if (machine === undefined) {
    objects.create(VIRTUAL_MACHINES, newMachine(NAME));
  } else if (!isRunningNow) {
    objects.create(VIRTUAL_MACHINE_INSTANCES, newInstance(machine));
  } else {
    objects.delete(VIRTUAL_MACHINE_INSTANCES, NAME);
    for (const pod of machinePods(world)) deletePod(pod, false, world);
    if (choices.draw(3) === 2) objects.delete(VIRTUAL_MACHINES, NAME);
  }
  trace(() => {
    const has = (resource: typeof VIRTUAL_MACHINES): string => (objects.find(resource, NAME) ? 'there' : 'gone');
    return `people: the VirtualMachine is ${has(VIRTUAL_MACHINES)}, its instance ${has(VIRTUAL_MACHINE_INSTANCES)}`;
  });
}

/** One that runs. */
export function createVirtualMachine({ objects }: Pick<World, 'objects'>): void {
  objects.create(VIRTUAL_MACHINES, newMachine(NAME));
  const machine = objects.find(VIRTUAL_MACHINES, NAME);
  if (machine !== undefined) objects.create(VIRTUAL_MACHINE_INSTANCES, newInstance(machine));
}

/** Migrations come to their end: a machine runs in one pod. */
export function endMigration(world: World): void {
  const [source, target] = machinePods(world);
  if (source === undefined || target === undefined) return;
  if (isTarget(target)) finish(source, world);
  else deletePod(source, false, world);
}
