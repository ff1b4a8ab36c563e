import {
  hasMember,
  IP_ALLOCATIONS,
  IPAM_CLAIMS,
  NETWORK_ATTACHMENT_DEFINITIONS,
  NODES,
  PODS,
  type Pod,
  SPIDER_IP_POOLS,
  STATEFUL_SETS,
  stateOf,
} from '#api';
import { ApiError } from '#kube';
import { OUT_OF_SERVICE } from '../../src/controller/collect/judge-node.ts';
import { newIpamClaim, newNetwork, newPod, newPoolNetwork, newStatefulSet } from './cluster-objects.ts';
import type { CallItem } from './network.ts';
import type { Node, Sandbox, SlowItem } from './node.ts';
import { KEPT, NETWORKS, POOLS, RANGES, STATEFUL_SET, type World } from './world.ts';

type Act = (world: World) => void;
type Step = (world: World) => void | Promise<void>;

/** Lets one thing happen, drawn from all that can. */
export async function step(world: World): Promise<void> {
  await world.choices.pick<Step>([
    [14, progress],
    [10, hurry],
    [16, act],
    [4, trouble],
    [3, pass],
  ])(world);
  await turn();
}

/** Lets everybody come to where they wait for something. Nothing here waits for the machine: one turn of the loop is enough. */
export function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

/** What can arrive now, whatever it is. */
function arrivals({ network, nodes }: World) {
  return [...network.items(), ...nodes.flatMap(({ slow }) => slow)];
}

function progress(world: World): void {
  const { choices } = world;
  const items = arrivals(world);
  const item = items[choices.draw(items.length)];
  if (item === undefined) act(world);
  else if (item.kind === 'slow') endSlow(item, world);
  else if (item.kind === 'stream' || item.isAnswered) item.arrive();
  else endCall(item, world);
}

function endCall(item: CallItem, { choices }: World): void {
  choices.pick<(call: CallItem) => void>([
    [10, call => call.arrive()],
    [5, call => call.carryOut()],
    [2, call => call.lose(unreachable(call))],
    [2, loseAnswer],
    [1, call => call.lose(busy(call))],
  ])(item);
}

function loseAnswer(call: CallItem): void {
  call.carryOut();
  call.lose(unreachable(call));
}

function unreachable({ text }: CallItem): ApiError {
  return new ApiError('Unreachable', `Cannot ${text}: connection reset`);
}

function busy({ text }: CallItem): ApiError {
  return new ApiError('InternalError', `Cannot ${text}: etcdserver: request timed out`, { httpStatus: 500 });
}

function endSlow(item: SlowItem, { choices }: World): void {
  if (item.canFail && choices.draw(8) === 7) item.fail();
  else item.arrive();
}

/** Much arrives in order and without trouble. */
function hurry(world: World): Promise<void> {
  return arriveInOrder(
    world,
    world.choices.pick([
      [1, 3],
      [1, 10],
      [1, 30],
    ]),
  );
}

/** @returns when nothing is left, or so many have arrived */
export async function arriveInOrder(world: World, limit = Number.POSITIVE_INFINITY): Promise<void> {
  for (let count = 0; count < limit; count++) {
    const [item] = arrivals(world);
    if (item === undefined) return;
    item.arrive();
    await turn();
  }
}

function pass({ choices, time, network }: World): void {
  const { next = time.now } = time;
  const ms = choices.pick([
    [6, next - time.now],
    [2, 1_000],
    [2, 10_000],
    [2, 60_000],
    [1, 400_000],
    [1, 604_800_000],
  ]);
  time.moveTo(time.now + ms);
  network.expire();
}

function act(world: World): void {
  world.choices.pick<Act>([
    [16, syncPod],
    [16, createPod],
    [4, bindPod],
    [8, endPod],
    [2, finishPod],
    [5, moreSandboxes],
    [4, lessSandboxes],
    [2, hangUp],
    [2, editNetwork],
    [1, replaceIpamClaim],
    [world.hasPools ? 6 : 0, createMember],
    [world.hasPools ? 2 : 0, changeStatefulSet],
    [1, tamper],
  ])(world);
}

function anyOf<T>(list: readonly T[], { choices }: World): T | undefined {
  return list[choices.draw(list.length)];
}

function anyNode(world: World): Node | undefined {
  return anyOf(world.nodes, world);
}

/** Kubelets do what is next with their pods, all of them or one. */
function syncPod(world: World): void {
  const wanted = world.nodes.flatMap(node => node.pending().map(pod => ({ node, pod })));
  const isOne = world.choices.draw(2) === 1;
  const one = isOne ? anyOf(wanted, world) : undefined;
  for (const { node, pod } of one === undefined ? wanted : [one]) node.sync(pod);
}

const POD_NAMES = ['a', 'b', 'c', 'd', 'e'];

function createPod(world: World): void {
  const { objects, choices, trace } = world;
  const name = anyOf(
    POD_NAMES.filter(free => objects.find(PODS, free) === undefined),
    world,
  );
  if (name === undefined) return;
  const kept = (): unknown => ({ name: 'lan', namespace: 'default', 'ipam-claim-reference': anyOf(KEPT, world) });
  const plain = (network: string): unknown => ({ name: network, namespace: 'default' });
  const networks = choices.pick<() => readonly unknown[]>([
    [4, () => [plain('lan')]],
    [2, () => [plain('wan')]],
    [2, () => [plain('lan'), plain('wan')]],
    [3, () => [kept()]],
  ])();
  const node = choices.draw(4) === 3 ? undefined : anyNode(world)?.name;
  objects.create(PODS, newPod(name, networks, node));
  trace(
    () =>
      `people: pod ${name} of ${JSON.stringify(networks)} on ${node ?? 'no node yet'} (${objects.find(PODS, name)?.metadata.uid})`,
  );
}

function bindPod(world: World): void {
  const { objects, trace } = world;
  const pod = objects.list(PODS).find(({ spec }) => spec.nodeName === undefined);
  const node = anyNode(world);
  if (pod === undefined || node === undefined) return;
  objects.bind(pod.metadata.name, node.name);
  trace(() => `scheduler: pod ${pod.metadata.name} goes to ${node.name}`);
}

function endPod(world: World): void {
  const { objects, choices, trace } = world;
  const pod = anyOf(objects.list(PODS), world);
  if (pod === undefined) return;
  const isForced = choices.draw(4) === 3;
  objects.delete(PODS, pod.metadata.name, isForced ? { gracePeriodSeconds: 0 } : {});
  trace(() => `people: pod ${pod.metadata.name} is deleted${isForced ? ' by force' : ''}`);
}

function finishPod(world: World): void {
  const { objects, trace } = world;
  const pod = anyOf(objects.list(PODS).filter(isLive), world);
  if (pod === undefined) return;
  objects.patch(PODS, pod.metadata.name, { status: { phase: 'Succeeded' } }, 'status');
  trace(() => `kubelet: pod ${pod.metadata.name} has finished`);
}

function isLive(pod: Pod): boolean {
  return stateOf(pod) === 'live' && pod.spec.nodeName !== undefined;
}

/** A second sandbox beside the first, or its ADD once more. */
function moreSandboxes(world: World): void {
  const [node, sandbox] = anySandbox(['up'], world);
  if (node === undefined || sandbox === undefined) return;
  const pod = world.objects.podOf(sandbox.pod.uid);
  if (world.choices.draw(2) === 0 && pod !== undefined && isLive(pod)) node.runPod(pod);
  else node.repeatAdd(sandbox);
}

function lessSandboxes(world: World): void {
  const [node, sandbox] = anySandbox(['adding', 'up', 'failed', 'gone'], world);
  if (sandbox !== undefined) node?.endSandbox(sandbox);
}

function hangUp(world: World): void {
  const [node, sandbox] = anySandbox(['adding'], world);
  if (sandbox !== undefined) node?.hangUp(sandbox);
}

function anySandbox(states: readonly Sandbox['state'][], world: World): readonly [Node?, Sandbox?] {
  const all = world.nodes.flatMap(node =>
    node.sandboxes.filter(({ state }) => states.includes(state)).map(sandbox => [node, sandbox] as const),
  );
  return anyOf(all, world) ?? [];
}

function editNetwork(world: World): void {
  const { objects, trace } = world;
  const name = anyOf(NETWORKS, world) ?? '';
  if (world.hasPools && name === 'wan') {
    editPools(world);
    return;
  }
  const ranges = anyOf(RANGES, world) ?? [];
  const { spec } = newNetwork(name, ranges);
  objects.patch(NETWORK_ATTACHMENT_DEFINITIONS, name, { spec });
  trace(() => `people: network ${name} is ${ranges.join(' and ')} from now on`);
}

function editPools(world: World): void {
  const { objects, trace, choices } = world;
  const pool = anyOf(POOLS, world);
  const ips = anyOf(pool?.ips ?? [], world);
  if (pool === undefined || ips === undefined) return;
  if (choices.draw(3) === 2) {
    const { spec } = newPoolNetwork('wan', choices.draw(2) === 0 ? ['pool-a', 'pool-b'] : ['pool-b', 'pool-a']);
    objects.patch(NETWORK_ATTACHMENT_DEFINITIONS, 'wan', { spec });
    trace(() => `people: network wan is ${JSON.stringify(spec)} from now on`);
    return;
  }
  objects.patch(SPIDER_IP_POOLS, pool.name, { spec: { ips: [ips] } });
  trace(() => `people: ${pool.name} has ${ips} from now on`);
}

/** The StatefulSet's controller makes a pod that is missing; its names come again. */
function createMember(world: World): void {
  const { objects, trace } = world;
  const set = objects.find(STATEFUL_SETS, STATEFUL_SET);
  const name = ['set-0', 'set-1', 'set-2'].find(
    member => objects.find(PODS, member) === undefined && set !== undefined && hasMember(set, member),
  );
  const node = anyNode(world);
  if (set === undefined || name === undefined) return;
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: STATEFUL_SET, uid: set.metadata.uid ?? '' };
  const networks = [{ name: 'wan', namespace: 'default' }];
  objects.create(PODS, newPod(name, networks, node?.name, { ...owner, controller: true }));
  trace(() => `people: pod ${name} on ${node?.name} (${objects.find(PODS, name)?.metadata.uid})`);
}

function changeStatefulSet(world: World): void {
  const { objects, trace, choices } = world;
  const isThere = objects.find(STATEFUL_SETS, STATEFUL_SET) !== undefined;
  if (!isThere) objects.create(STATEFUL_SETS, newStatefulSet(STATEFUL_SET, 2));
  else if (choices.draw(4) === 3) objects.delete(STATEFUL_SETS, STATEFUL_SET);
  else objects.patch(STATEFUL_SETS, STATEFUL_SET, { spec: { replicas: choices.draw(4) } });
  trace(() => `people: the StatefulSet has ${objects.find(STATEFUL_SETS, STATEFUL_SET)?.spec.replicas ?? 'gone'}`);
}

function replaceIpamClaim(world: World): void {
  const { objects, trace } = world;
  const name = anyOf(KEPT, world) ?? '';
  const isThere = objects.find(IPAM_CLAIMS, name) !== undefined;
  if (isThere) objects.delete(IPAM_CLAIMS, name);
  else objects.create(IPAM_CLAIMS, newIpamClaim(name, 'lan'));
  trace(() => `people: IPAMClaim ${name} is ${isThere ? 'deleted' : 'made'}`);
}

/** Somebody deletes a claim by hand. */
function tamper(world: World): void {
  const { objects, trace, tampered } = world;
  const claim = anyOf(objects.list(IP_ALLOCATIONS), world);
  if (claim === undefined) return;
  tampered.add(claim.metadata.uid ?? '');
  objects.delete(IP_ALLOCATIONS, claim.metadata.name);
  trace(() => `people: claim ${claim.metadata.name} is deleted by hand`);
}

function trouble(world: World): void {
  const { choices, network, api, trace } = world;
  choices.pick<Act>([
    [4, () => anyOf(network.streams(), world)?.cut()],
    [4, () => anyOf(network.late(), world)?.carryOut()],
    [
      9,
      () =>
        anyOf(
          [...world.nodes, ...world.controllers].filter(({ isUp }) => !isUp),
          world,
        )?.start(),
    ],
    [1, () => anyOf(world.controllers, world)?.crash()],
    [2, () => loseNode(world)],
    [3, () => anyNode(world)?.crash()],
    [4, () => anyNode(world)?.crashAt(1 + choices.draw(8))],
    [
      6,
      () =>
        heal(
          anyOf(
            world.nodes.filter(({ machine }) => machine.isCut),
            world,
          ),
          world,
        ),
    ],
    [2, () => cut(anyNode(world), world)],
    [
      1,
      () => {
        trace(() => 'etcd: compacted');
        api.store.compact();
      },
    ],
  ])(world);
}

function cut(node: Node | undefined, { trace }: World): void {
  if (node === undefined || node.machine.isCut) return;
  node.machine.isCut = true;
  trace(() => `${node.name}: cut off`);
}

function heal(node: Node | undefined, { trace }: World): void {
  if (node === undefined) return;
  node.machine.isCut = false;
  trace(() => `${node.name}: back on the network`);
}

/** With a controller, which alone can give its claims back: the machine, its Node, or only what people say of it. */
function loseNode(world: World): void {
  const { controllers, objects, trace, choices } = world;
  const node = anyNode(world);
  if (controllers.length === 0 || node === undefined) return;
  const { name } = node;
  choices.pick<() => void>([
    [1, () => node.lose()],
    [
      2,
      () => {
        const isThere = objects.find(NODES, name) !== undefined;
        if (isThere) objects.delete(NODES, name);
        else objects.create(NODES, { metadata: { name } });
        trace(() => `people: Node ${name} is ${isThere ? 'deleted' : 'there again'}`);
      },
    ],
    [
      2,
      () => {
        if (objects.find(NODES, name) === undefined) return;
        objects.patch(NODES, name, { spec: { taints: [{ key: OUT_OF_SERVICE, effect: 'NoExecute' }] } });
        trace(() => `people: Node ${name} is out of service`);
      },
    ],
  ])();
}
