import { hasMember, PODS, STATEFUL_SETS } from '#api';
import { newPod, newStatefulSet, ofStatefulSet } from '../cluster/manifests.ts';
import { STATEFUL_SET, type World } from '../world.ts';
import { makePod, on } from './pods.ts';
import { anyOf, type Weighted } from './possible.ts';

/** A StatefulSet and its pods. */
export const statefulSetSteps: readonly Weighted[] = [
  [6, createMember],
  [2, change],
];

/** The StatefulSet's controller makes a pod that is missing; its names come again. */
function createMember(world: World): void {
  const { objects } = world;
  const set = objects.find(STATEFUL_SETS, STATEFUL_SET);
  const name = ['set-0', 'set-1', 'set-2'].find(
    member => objects.find(PODS, member) === undefined && set !== undefined && hasMember(set, member),
  );
  const node = anyOf(world.nodes, world);
  if (set === undefined || name === undefined) return;
  makePod(newPod(name, [on('wan')], node?.name, ofStatefulSet(set)), world);
}

function change({ objects, trace, choices }: World): void {
  const isThere = objects.find(STATEFUL_SETS, STATEFUL_SET) !== undefined;
  if (!isThere) objects.create(STATEFUL_SETS, newStatefulSet(STATEFUL_SET, 2));
  else if (choices.draw(4) === 3) objects.delete(STATEFUL_SETS, STATEFUL_SET);
  else objects.patch(STATEFUL_SETS, STATEFUL_SET, { spec: { replicas: choices.draw(4) } });
  trace(() => `people: the StatefulSet has ${objects.find(STATEFUL_SETS, STATEFUL_SET)?.spec.replicas ?? 'gone'}`);
}
