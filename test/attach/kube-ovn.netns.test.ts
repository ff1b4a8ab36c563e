import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import {
  controllerReference,
  KUBE_OVN_IP_POOLS,
  KUBE_OVN_SUBNETS,
  type KubeOvnSubnetSpec,
  NETWORK_ATTACHMENT_DEFINITIONS,
  PODS,
  type Pod,
  STATEFUL_SETS,
  type StatefulSet,
} from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { eventually } from '../agent/test-node.ts';
import type { AttachNode } from './node.ts';
import { addressOf, macOf, routesOf } from './pod-kernel.ts';
import { setEachScene } from './scene.ts';
import type { World } from './world.ts';

/** Kube-OVN's Subnets and annotations through the whole pipeline. */
const { skip } = skipUnlessRing2();

const KEY = 'macvlan.default.kubernetes.io/';

let world: World;
let node: AttachNode;
let warnings: string[];
/** Reasons and messages of Warnings that say what failed in Kube-OVN's words. */
let failures: string[];

setEachScene(skip, async scene => {
  ({ world } = scene);
  warnings = [];
  failures = [];
  node = await scene.startNode({
    events: {
      record(_pod, type, reason, message) {
        if (type !== 'Warning') return;
        if (message.startsWith('stage=')) failures.push(`${reason} ${message}`);
        else warnings.push(message);
      },
      flush: async () => undefined,
      dropped: 0,
    },
  });
  await createNad('macvlan');
});

function createNad(
  name: string,
  ipam: Readonly<Record<string, unknown>> = {},
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const socket = '/run/openvswitch/kube-ovn-daemon.sock';
  const own = { type: 'kube-ovn', server_socket: socket, provider: `${name}.default`, ...ipam };
  return world.createNad(name, { cniVersion: '0.3.1', name, type: 'macvlan', master: 'up0', ...more, ipam: own });
}

async function createSubnet(spec: KubeOvnSubnetSpec = {}, name = 'macvlan'): Promise<void> {
  const { client } = world.cluster;
  await client.create(KUBE_OVN_SUBNETS, {
    metadata: { name },
    spec: {
      protocol: 'IPv4',
      provider: 'macvlan.default',
      cidrBlock: '172.17.0.0/16',
      gateway: '172.17.0.1',
      excludeIps: ['172.17.0.0..172.17.0.10'],
      ...spec,
    },
  });
}

/** @param keys annotations of the network, by their last part */
function createPod(name: string, keys: Readonly<Record<string, string>> = {}, networks = 'macvlan'): Promise<Pod> {
  const annotations = Object.entries(keys).map(([key, value]) => [key.includes('/') ? key : `${KEY}${key}`, value]);
  return world.createPod(name, networks, Object.fromEntries(annotations));
}

/** A sandbox of the pod: its first, or another one. */
async function add({ metadata: { name, uid } }: Pod, sandbox = name): Promise<string> {
  const path = `/run/netns/ul-test-${sandbox}`;
  const netns = existsSync(path) ? path : world.makeNetns(sandbox);
  return node.call('ADD', { containerId: sandbox, netns, pod: { name, ...(uid === undefined ? {} : { uid }) } });
}

async function end(pod: string): Promise<void> {
  await node.call('DEL', { containerId: pod, pod: { name: pod } });
  await world.deletePod(pod);
}

async function held(): Promise<readonly string[]> {
  const claims = await world.cluster.claims();
  return claims.flatMap(({ spec }) => (spec.pool.dialect === 'kube-ovn' ? [spec.address] : [])).sort();
}

async function eventuallyHeld(count: number): Promise<void> {
  await eventually(`${count} addresses are held`, async () => (await held()).length === count);
}

test('a pod has an address of the Subnet with the provider, and the pod object holds it, not its sandbox', {
  skip,
}, async () => {
  await createSubnet();
  const pod = await createPod('ka');
  await add(pod);
  const address = addressOf('ka');
  assert.match(address, /^172\.17\.\d+\.\d+\/16$/);
  assert.deepEqual(routesOf('ka'), ['172.17.0.0/16']);
  await add(pod, 'ka-again');
  assert.equal(addressOf('ka-again'), address);
  await node.call('DEL', { containerId: 'ka', pod: { name: 'ka' } });
  assert.deepEqual(await held(), [address]);
  await node.call('DEL', { containerId: 'ka-again', pod: { name: 'ka' } });
  await world.deletePod('ka');
  await eventuallyHeld(0);
});

test('an address is free again also when NAD and Subnet went before the pod', { skip }, async () => {
  await createSubnet();
  await add(await createPod('la'));
  await world.cluster.client.delete(KUBE_OVN_SUBNETS, { name: 'macvlan' });
  await world.cluster.client.delete(NETWORK_ATTACHMENT_DEFINITIONS, { namespace: 'default', name: 'macvlan' });
  await end('la');
  await eventuallyHeld(0);
});

test('ip_address is had, also of what the Subnet excludes; a second pod is told who has it', { skip }, async () => {
  await createSubnet();
  await add(await createPod('ma', { ip_address: '172.17.0.5' }));
  assert.equal(addressOf('ma'), '172.17.0.5/16');
  await assert.rejects(add(await createPod('mb', { ip_address: '172.17.0.5' })), {
    code: 'ADDRESS_TAKEN',
    message: /172\.17\.0\.5.*pod "default\/ma"/,
  });
  assert.match(
    failures.join('\n'),
    /^AcquireAddressFailed stage=acquireAddress error=Cannot take 172\.17\.0\.5.*"default\/ma".*$/,
  );
  await assert.rejects(add(await createPod('mc', { ip_address: '172.18.0.5' })), { code: 'ADDRESS_OUTSIDE_POOL' });
  await assert.rejects(add(await createPod('md', { ip_address: '172.17.0.1' })), { code: 'ADDRESS_OUTSIDE_POOL' });
  assert.deepEqual(await held(), ['172.17.0.5/16']);
});

test('dual-stack: an address of each family, from a list of pairs', { skip }, async () => {
  await createSubnet({ protocol: 'Dual', cidrBlock: '172.17.0.0/16,fd00:17::/112', gateway: '172.17.0.1,fd00:17::1' });
  const ip_pool = '172.17.0.200,fd00:17::20;172.17.0.201,fd00:17::21';
  await add(await createPod('na', { ip_pool }));
  await add(await createPod('nb', { ip_pool }));
  const both = (pod: string): string => `${addressOf(pod)} ${addressOf(pod, 'net1', 6)}`;
  assert.deepEqual([both('na'), both('nb')], ['172.17.0.200/16 fd00:17::20/112', '172.17.0.201/16 fd00:17::21/112']);
  await assert.rejects(add(await createPod('nc', { ip_pool })), { code: 'ADDRESS_TAKEN' });
  assert.equal((await held()).length, 4);
  await end('na');
  await eventuallyHeld(2);
  await add(await createPod('nd', { ip_pool }));
  assert.equal(both('nd'), '172.17.0.200/16 fd00:17::20/112');
});

test('a list that is full says so; an IPPool that is full makes way for the next', { skip }, async () => {
  await createSubnet();
  const { client } = world.cluster;
  for (const [name, ip] of [
    ['one', '172.17.1.1'],
    ['two', '172.17.1.2'],
  ] as const) {
    await client.create(KUBE_OVN_IP_POOLS, { metadata: { name }, spec: { subnet: 'macvlan', ips: [ip] } });
  }
  await add(await createPod('oa', { ip_pool: 'one,two' }));
  await add(await createPod('ob', { ip_pool: 'one,two' }));
  assert.deepEqual([addressOf('oa'), addressOf('ob')], ['172.17.1.1/16', '172.17.1.2/16']);
  await assert.rejects(add(await createPod('oc', { ip_pool: 'one,two' })), {
    code: 'POOL_EXHAUSTED',
    message: /IPPool "one"/,
  });
});

test('a network without a Subnet fails, names its provider, and takes nothing of any other Subnet', {
  skip,
}, async () => {
  await createSubnet({ provider: 'ovn' }, 'ovn-default');
  await assert.rejects(add(await createPod('pa')), {
    code: 'NO_POOL',
    message: /provider macvlan\.default is not bound to any subnet/,
  });
  assert.match(
    failures.join('\n'),
    /^PodNetworkUpdateFailed stage=getPodKubeovnNets error=.*provider macvlan\.default is not bound to any subnet.*$/,
  );
  assert.deepEqual(await held(), []);
});

test('the same network twice: an address for each interface, by its own annotations', { skip }, async () => {
  await createSubnet();
  await add(await createPod('qa', {}, 'macvlan,macvlan'));
  assert.notEqual(addressOf('qa', 'net1'), addressOf('qa', 'net2'));
  const keys = { 'ip_address.nic1': '172.17.2.1', 'ip_address.nic2': '172.17.2.2' };
  const networks = JSON.stringify([
    { name: 'macvlan', interface: 'nic1' },
    { name: 'macvlan', interface: 'nic2' },
  ]);
  await add(await createPod('qb', keys, networks));
  assert.deepEqual([addressOf('qb', 'nic1'), addressOf('qb', 'nic2')], ['172.17.2.1/16', '172.17.2.2/16']);
});

test('an interface that comes to a running pod is not given what its sibling has', { skip }, async () => {
  await createSubnet();
  const pod = await createPod('ra', { ip_address: '172.17.0.20' });
  const [name, uid] = ['ra', pod.metadata.uid ?? ''];
  await add(pod);
  const networks = { annotations: { 'k8s.v1.cni.cncf.io/networks': 'macvlan,macvlan' } };
  await world.cluster.client.mergePatch(PODS, { namespace: 'default', name }, { metadata: networks });
  await node.podIs(name, ({ metadata }) => metadata.annotations?.['k8s.v1.cni.cncf.io/networks'] === 'macvlan,macvlan');
  await node.attacher.changeNetworks({ name, namespace: 'default', uid });
  assert.equal(addressOf('ra', 'net1'), '172.17.0.20/16');
  assert.match(addressOf('ra', 'net2'), /^172\.17\.\d+\.\d+\/16$/);
  assert.equal((await held()).length, 2);
});

test("mac_address is the interface's where the network declares the capability, else a warning", { skip }, async () => {
  await createSubnet();
  await add(await createPod('sa', { mac_address: '00:00:00:53:6B:BB' }));
  assert.notEqual(macOf('sa'), '00:00:00:53:6b:bb');
  assert.match(warnings.join(), /annotation "macvlan\.default\.kubernetes\.io\/mac_address" does nothing/);
  await createNad('able', {}, { capabilities: { mac: true } });
  await createSubnet({ provider: 'able.default', cidrBlock: '172.19.0.0/16', gateway: '', excludeIps: [] }, 'able');
  await add(await createPod('sb', { 'able.default.kubernetes.io/mac_address': '00:00:00:53:6B:BB' }, 'able'));
  assert.equal(macOf('sb'), '00:00:00:53:6b:bb');
});

test("routes: the configuration's and the annotation's; a default route among them is the pod's", {
  skip,
}, async () => {
  await createNad('routed', { routes: [{ dst: '10.9.0.0/24', gw: '172.17.0.254' }] });
  await createSubnet({ provider: 'routed.default' });
  const key = 'routed.default.kubernetes.io/';
  await add(await createPod('ta', { [`${key}routes`]: '[{"dst":"10.8.0.5/24","gw":"172.17.0.253"}]' }, 'routed'));
  assert.deepEqual(routesOf('ta'), ['10.8.0.0/24 via 172.17.0.253', '10.9.0.0/24 via 172.17.0.254', '172.17.0.0/16']);
  assert.ok(routesOf('ta', 'eth0').includes('default via 172.18.0.1'));
  await add(await createPod('tb', { [`${key}routes`]: '[{"gw":"172.17.0.252"}]' }, 'routed'));
  assert.ok(routesOf('tb').includes('default via 172.17.0.252'));
  assert.ok(!routesOf('tb', 'eth0').some(route => route.startsWith('default')));
});

test('default_route gives the interface the default route by the gateway of its Subnet', { skip }, async () => {
  await createSubnet();
  await add(await createPod('ua', { default_route: 'true' }));
  assert.deepEqual(routesOf('ua'), ['172.17.0.0/16', 'default via 172.17.0.1']);
  assert.ok(!routesOf('ua', 'eth0').some(route => route.startsWith('default')));
});

test('the network as the default one: Subnet, gateway and default route on eth0', { skip }, async () => {
  await createSubnet();
  const pod = await world.createPod('va', undefined, { 'v1.multus-cni.io/default-network': 'default/macvlan' });
  await add(pod);
  assert.match(addressOf('va', 'eth0'), /^172\.17\.\d+\.\d+\/16$/);
  assert.deepEqual(routesOf('va', 'eth0'), ['172.17.0.0/16', 'default via 172.17.0.1']);
});

test('a plugin that asks by its own name, as a third-party main plugin does, gets what the pod asks for', {
  skip,
}, async () => {
  await createSubnet();
  const { name, uid = '' } = (await createPod('za', { ip_address: '172.17.0.77' })).metadata;
  const ipam = { type: 'kube-ovn', server_socket: '/x.sock', provider: 'macvlan.default' };
  const call = {
    ...{ plugin: 'kube-ovn', containerId: 'za', netns: world.makeNetns('za'), pod: { name, uid } },
    config: { cniVersion: '0.3.1', name: 'macvlan', type: 'sriov', ipam },
  };
  const { ips, routes } = JSON.parse(await node.call('ADD', call));
  assert.deepEqual(ips, [{ version: '4', address: '172.17.0.77/16', gateway: '172.17.0.1' }]);
  assert.deepEqual(routes, [{ dst: '0.0.0.0/0', gw: '172.17.0.1' }]);
  await node.call('DEL', call);
  await world.deletePod(name);
  await eventuallyHeld(0);
});

/** Starts a pod of the StatefulSet "web", which is made with the first. */
async function startMember(name: string, keys: Readonly<Record<string, string>> = {}): Promise<Pod> {
  const { client } = world.cluster;
  const metadata = { name: 'web', namespace: 'default' };
  const set =
    (await client.get<StatefulSet>(STATEFUL_SETS, metadata).catch(() => undefined)) ??
    (await client.create<StatefulSet>(STATEFUL_SETS, { metadata, spec: { replicas: 2 } }));
  const owner = controllerReference(STATEFUL_SETS, set);
  const own = Object.entries(keys).map(([key, value]) => [`${KEY}${key}`, value]);
  const annotations = { ...Object.fromEntries(own), 'k8s.v1.cni.cncf.io/networks': 'macvlan' };
  return client.create(PODS, {
    metadata: { name, namespace: 'default', ownerReferences: [owner], annotations },
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'x' }] },
  });
}

async function endMember(name: string, sandbox: string): Promise<void> {
  await node.call('DEL', { containerId: sandbox, pod: { name } });
  await world.deletePod(name);
}

test('a pod of a StatefulSet has the address that its predecessor had', { skip }, async () => {
  await createSubnet();
  await add(await startMember('web-1'), 'first');
  const address = addressOf('first');
  await endMember('web-1', 'first');
  await add(await createPod('other'));
  await add(await startMember('web-1'), 'second');
  assert.equal(addressOf('second'), address);
  assert.equal((await held()).length, 2);
});

test('a pod of a StatefulSet that asks for another address than its predecessor leaves none behind', {
  skip,
}, async () => {
  await createSubnet();
  await add(await startMember('web-1', { ip_address: '172.17.0.20' }), 'third');
  await endMember('web-1', 'third');
  await add(await startMember('web-1', { ip_address: '172.17.0.21' }), 'fourth');
  assert.equal(addressOf('fourth'), '172.17.0.21/16');
  await eventuallyHeld(1);
  assert.deepEqual(await held(), ['172.17.0.21/16']);
});
