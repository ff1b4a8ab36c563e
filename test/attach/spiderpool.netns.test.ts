import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  NAMESPACES,
  PODS,
  type Pod,
  SPIDER_IP_POOLS,
  SPIDER_RESERVED_IPS,
  type SpiderIPPoolSpec,
  STATEFUL_SETS,
  type StatefulSet,
} from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { eventually } from '../agent/test-node.ts';
import type { AttachNode } from './node.ts';
import { setEachScene } from './scene.ts';
import { ip, type World } from './world.ts';

/** Spiderpool's pools and annotations through the whole pipeline. */
const { skip } = skipUnlessRing2();

const KEY = 'ipam.spidernet.io/';

let world: World;
let node: AttachNode;

setEachScene(skip, async scene => {
  ({ world } = scene);
  node = await scene.startNode();
  await createNad('lan');
});

function createNad(name: string, ipam: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const macvlan = { type: 'macvlan', master: 'up0', ipam: { type: 'spiderpool', ...ipam } };
  return world.createNad(name, { cniVersion: '1.0.0', name, plugins: [macvlan] });
}

async function createPool(name: string, spec: Partial<SpiderIPPoolSpec> = {}): Promise<void> {
  await world.cluster.client.create(SPIDER_IP_POOLS, {
    metadata: { name },
    spec: { subnet: '172.18.0.0/16', ips: ['172.18.40.1-172.18.40.10'], gateway: '172.18.0.1', ...spec },
  });
}

async function changePool(name: string, spec: Partial<SpiderIPPoolSpec>): Promise<void> {
  await world.cluster.client.mergePatch(SPIDER_IP_POOLS, { name }, { spec });
}

/** @param annotations of ipam.spidernet.io, as values */
function createPod(name: string, annotations: Readonly<Record<string, unknown>>, networks = 'lan'): Promise<Pod> {
  return world.createPod(name, networks, texts(annotations));
}

function texts(annotations: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${KEY}${key}`, JSON.stringify(value)]));
}

/** A sandbox of the pod: its first, or another one. */
async function add({ metadata: { name, uid } }: Pod, sandbox = name): Promise<string> {
  const path = `/run/netns/ul-test-${sandbox}`;
  const netns = existsSync(path) ? path : world.makeNetns(sandbox);
  return node.call('ADD', { containerId: sandbox, netns, pod: { name, ...(uid === undefined ? {} : { uid }) } });
}

async function end(pod: string, sandbox = pod): Promise<void> {
  await node.call('DEL', { containerId: sandbox, pod: { name: pod } });
  await world.deletePod(pod);
}

function addressOf(sandbox: string, link = 'net1', family = 4): string {
  const links = JSON.parse(ip(`-n ul-test-${sandbox} -j -${family} addr show ${link} scope global`)) as {
    readonly addr_info?: readonly { readonly local?: string; readonly prefixlen?: number }[];
  }[];
  const addresses = links.flatMap(({ addr_info = [] }) => addr_info).filter(({ local }) => local !== undefined);
  return addresses.map(({ local, prefixlen }) => `${local}/${prefixlen}`).join();
}

function routesOf(sandbox: string, link = 'net1'): readonly string[] {
  const routes = JSON.parse(ip(`-n ul-test-${sandbox} -j route show dev ${link}`)) as {
    readonly dst: string;
    readonly gateway?: string;
  }[];
  return routes.map(({ dst, gateway }) => (gateway === undefined ? dst : `${dst} via ${gateway}`)).sort();
}

async function claimsOf(pool: string): Promise<readonly string[]> {
  const claims = await world.cluster.claims();
  return claims.flatMap(({ spec }) => (spec.pool.name === pool ? [spec.address] : [])).sort();
}

async function eventuallyHeld(pool: string, count: number): Promise<void> {
  await eventually(`${count} addresses of ${pool} are held`, async () => (await claimsOf(pool)).length === count);
}

test('a pod has an address, gateway and routes of its pool, and gives it back', { skip }, async () => {
  await createPool('a', { routes: [{ dst: '10.5.0.0/16', gw: '172.18.0.7' }] });
  const routes = [{ dst: '10.6.0.0/16', gw: '172.18.0.8' }];
  const pod = await createPod('web', { ippool: { ipv4: ['a'] }, routes });
  await add(pod);
  assert.match(addressOf('web'), /^172\.18\.40\.\d+\/16$/);
  assert.deepEqual(await claimsOf('a'), [addressOf('web')]);
  assert.deepEqual(
    routesOf('web').filter(route => route.includes('via 172.18.0.') && !route.startsWith('default')),
    ['10.5.0.0/16 via 172.18.0.7', '10.6.0.0/16 via 172.18.0.8'],
  );
  const [claim] = await world.cluster.claims().then(all => all.filter(({ spec }) => spec.pool.name === 'a'));
  assert.deepEqual(claim?.spec.pool, { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'a' });
  assert.equal(claim?.spec.gateway, '172.18.0.1');
  await end('web');
  await eventuallyHeld('a', 0);
});

test('an interface gets an address of each family that pools are named for', { skip }, async () => {
  await createPool('four');
  await createPool('six', { subnet: 'fd00:40::/64', ips: ['fd00:40::10-fd00:40::1f'], gateway: 'fd00:40::1' });
  await add(await createPod('both', { ippool: { ipv4: ['four'], ipv6: ['six'] } }));
  assert.match(addressOf('both'), /^172\.18\.40\.\d+\/16$/);
  assert.match(addressOf('both', 'net1', 6), /^fd00:40::1[0-9a-f]\/64$/);
  await add(await createPod('six', { ippool: { ipv6: ['six'] } }));
  assert.deepEqual([addressOf('six'), addressOf('six', 'net1', 6).slice(0, 9)], ['', 'fd00:40::']);
});

test('one pool for two interfaces of a pod gives two addresses', { skip }, async () => {
  await createPool('a');
  const ippools = ['eth0', 'net1', 'net2'].map(name => ({ interface: name, ipv4: ['a'] }));
  await add(await createPod('two', { ippools }, 'lan,lan'));
  assert.notEqual(addressOf('two', 'net1'), addressOf('two', 'net2'));
  assert.deepEqual(await claimsOf('a'), [addressOf('two', 'net1'), addressOf('two', 'net2')].sort());
});

test('a pool that is full says so, hands over to the next, and drains no other pool', { skip }, async () => {
  await createPool('small', { ips: ['172.18.41.1'] });
  await createPool('next', { ips: ['172.18.42.1-172.18.42.9'] });
  await createPool('other', { ips: ['172.18.43.1-172.18.43.2'] });
  await add(await createPod('first', { ippool: { ipv4: ['small', 'next'] } }));
  await add(await createPod('second', { ippool: { ipv4: ['small', 'next'] } }));
  assert.deepEqual([addressOf('first'), addressOf('second').slice(0, 10)], ['172.18.41.1/16', '172.18.42.']);
  const ippools = [{ ipv4: ['other'] }, { ipv4: ['other'] }, { ipv4: ['small'] }];
  const third = await createPod('third', { ippools }, 'lan,lan');
  for (const attempt of [1, 2]) {
    await assert.rejects(add(third, `third-${attempt}`), {
      code: 'POOL_EXHAUSTED',
      message: /IPPool small \(172\.18\.41\.1\).*all IP addresses used out/,
    });
  }
  await eventuallyHeld('other', 0);
});

test('a pool that was disabled hands nothing out, and leaves to pods what they have', { skip }, async () => {
  await createPool('a');
  const pod = await createPod('old', { ippool: { ipv4: ['a'] } });
  await add(pod);
  const before = addressOf('old');
  await changePool('a', { disable: true });
  const late = await createPod('new', { ippool: { ipv4: ['a'] } });
  await eventually('the node has seen it', async () => {
    const failure = await add(late, `new-${Math.random().toString(36).slice(2, 8)}`).then(
      () => undefined,
      error => error,
    );
    return failure?.code === 'POOL_NOT_FOR_POD' && /no IPPool available.*a: it is disabled/.test(failure.message);
  });
  await node.call('DEL', { containerId: 'old', pod: { name: 'old' } });
  await add(pod, 'old-again');
  assert.equal(addressOf('old-again'), before);
});

test('reserved and excluded addresses are not handed out; who has one keeps it', { skip }, async () => {
  await createPool('a', { ips: ['172.18.40.1-172.18.40.4'], excludeIPs: ['172.18.40.1'] });
  const pod = await createPod('holder', { ippool: { ipv4: ['a'] } });
  await add(pod);
  const [held = ''] = addressOf('holder').split('/');
  const others = ['172.18.40.2', '172.18.40.3', '172.18.40.4'].filter(address => address !== held);
  await world.cluster.client.create(SPIDER_RESERVED_IPS, {
    metadata: { name: 'r' },
    spec: { ips: [held, others[0] ?? ''] },
  });
  await eventually('the node has seen it', async () => {
    await add(await createPod(`p${Date.now()}`, { ippool: { ipv4: ['a'] } }), 'taker').catch(() => undefined);
    return existsSync('/run/netns/ul-test-taker') && addressOf('taker') === `${others[1]}/16`;
  });
  await node.call('DEL', { containerId: 'holder', pod: { name: 'holder' } });
  await add(pod, 'holder-again');
  assert.equal(addressOf('holder-again'), `${held}/16`);
});

test("a StatefulSet's pod keeps its addresses until another pool is named", { skip }, async () => {
  await createPool('a');
  await createPool('b', { ips: ['172.18.50.1-172.18.50.9'] });
  const set = await world.cluster.client.create(STATEFUL_SETS, {
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      replicas: 1,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    },
  } as StatefulSet);
  const createMember = (pool: string): Promise<Pod> =>
    world.cluster.client.create(PODS, {
      metadata: {
        name: 'db-0',
        namespace: 'default',
        annotations: { 'k8s.v1.cni.cncf.io/networks': 'lan', ...texts({ ippool: { ipv4: [pool] } }) },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: set.metadata.uid ?? '', controller: true },
        ],
      },
      spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'x' }] },
    });
  await add(await createMember('a'), 'db-one');
  await add(await createPod('between', { ippool: { ipv4: ['a'] } }));
  await end('db-0', 'db-one');
  await add(await createMember('a'), 'db-two');
  const [first] = await claimsOf('a').then(all => all.filter(address => address !== addressOf('between')));
  assert.equal(addressOf('db-two'), first);
  await end('db-0', 'db-two');
  await add(await createMember('b'), 'db-three');
  assert.match(addressOf('db-three'), /^172\.18\.50\./);
  // The node asks once a minute, unless something happens to the pod.
  for (const { spec } of await world.cluster.claims()) node.releaser.podChanged(spec.owner.podUid ?? '');
  await eventuallyHeld('a', 1);
});

test('the namespace and the configuration name pools for pods that name none', { skip }, async () => {
  for (const [name, third] of Object.entries({ config: 60, 'ns-a': 61, 'ns-b': 62 })) {
    await createPool(name, { ips: [`172.18.${third}.1-172.18.${third}.9`] });
  }
  await createNad('conf', { default_ipv4_ippool: ['config'] });
  await add(await createPod('plain', {}, 'conf'));
  assert.match(addressOf('plain'), /^172\.18\.60\./);
  const namespaces = await world.cluster.client.list(NAMESPACES);
  assert.ok(namespaces.items.some(({ metadata }) => metadata.name === 'default'));
  const annotations = texts({ 'default-ipv4-ippool': ['ns-*'] });
  await world.cluster.client.mergePatch(NAMESPACES, { name: 'default' }, { metadata: { annotations } });
  await eventually('the node has seen it', async () => {
    const name = `by-namespace-${Math.random().toString(36).slice(2, 8)}`;
    await add(await createPod(name, {}, 'conf'));
    return addressOf(name).startsWith('172.18.61.');
  });
});

test('the default route is left out by cleangateway', { skip }, async () => {
  await createPool('a');
  const ippools = (cleangateway: boolean): unknown => [
    { interface: 'eth0', ipv4: ['a'] },
    { interface: 'net1', ipv4: ['a'], cleangateway },
  ];
  const networks = JSON.stringify([{ name: 'lan', 'default-route': ['172.18.0.1'] }]);
  await add(await createPod('dirty', { ippools: ippools(false) }, networks));
  assert.ok(routesOf('dirty').includes('default via 172.18.0.1'));
  await add(await createPod('clean', { ippools: ippools(true) }, 'lan'));
  assert.deepEqual(routesOf('clean'), ['172.18.0.0/16']);
});

test('the default interface takes addresses of pools without any Multus', { skip }, async () => {
  await createPool('a', { default: true });
  const plugins = [{ type: 'macvlan', master: 'up0', ipam: { type: 'spiderpool' } }];
  writeFileSync(
    join(world.dir, 'conf', '10-lan.conflist'),
    JSON.stringify({ cniVersion: '1.0.0', name: 'lan', plugins }),
  );
  await add(await world.createPod('plain'));
  assert.match(addressOf('plain', 'eth0'), /^172\.18\.40\./);
  assert.ok(routesOf('plain', 'eth0').includes('default via 172.18.0.1'));
});

test('a wrong annotation leaves nothing behind', { skip }, async () => {
  await createPool('a');
  const before = await world.leftOvers();
  const pod = await createPod('bad', { ippool: { ipv4: 'a' } });
  await assert.rejects(add(pod), {
    code: 'BAD_ANNOTATION',
    message: /annotation ipam\.spidernet\.io\/ippool of pod "default\/bad": ipv4 is "a", expected a list$/,
  });
  await assert.rejects(add(await createPod('none', { ippool: { ipv4: ['x'] } })), {
    code: 'NO_POOL',
    message: /no IPPool available.*x: there is no such SpiderIPPool$/,
  });
  await eventually('nothing is left', async () => {
    const { links, claims, journal, queue } = await world.leftOvers();
    return links.join() === before.links.join() && claims.length + journal.length + queue.length === 0;
  });
});
