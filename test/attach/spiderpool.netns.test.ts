import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NAMESPACES, SPIDER_RESERVED_IPS } from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { eventually } from '../agent/test-node.ts';
import type { AttachNode } from './node.ts';
import { addressOf, routesOf } from './pod-kernel.ts';
import { setEachScene } from './scene.ts';
import { type SpiderpoolScene, spiderpoolScene, textsOf } from './spiderpool-scene.ts';
import type { World } from './world.ts';

/** Spiderpool's pools and annotations through the whole pipeline. */
const { skip } = skipUnlessRing2();

let world: World;
let node: AttachNode;
let scene: SpiderpoolScene;
/** What the node has done. */
let steps: string[];

setEachScene(skip, async own => {
  ({ world } = own);
  steps = [];
  node = await own.startNode({ onStep: step => void steps.push(step) });
  scene = spiderpoolScene(world, node);
  await scene.createNad('lan');
});

test('a pod has an address, gateway and routes of its pool, and gives it back', { skip }, async () => {
  await scene.createPool('a', { routes: [{ dst: '10.5.0.0/16', gw: '172.18.0.7' }] });
  const routes = [{ dst: '10.6.0.0/16', gw: '172.18.0.8' }];
  const pod = await scene.createPod('web', { ippool: { ipv4: ['a'] }, routes });
  await scene.add(pod);
  assert.match(addressOf('web'), /^172\.18\.40\.\d+\/16$/);
  assert.deepEqual(await scene.claimsOf('a'), [addressOf('web')]);
  assert.deepEqual(
    routesOf('web').filter(route => route.includes('via 172.18.0.') && !route.startsWith('default')),
    ['10.5.0.0/16 via 172.18.0.7', '10.6.0.0/16 via 172.18.0.8'],
  );
  const [claim] = await world.cluster.claims().then(all => all.filter(({ spec }) => spec.pool.name === 'a'));
  assert.deepEqual(claim?.spec.pool, { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'a' });
  assert.equal(claim?.spec.gateway, '172.18.0.1');
  await scene.end('web');
  await scene.eventuallyHeld('a', 0);
});

test('an interface gets an address of each family that pools are named for', { skip }, async () => {
  await scene.createPool('four');
  await scene.createPool('six', { subnet: 'fd00:40::/64', ips: ['fd00:40::10-fd00:40::1f'], gateway: 'fd00:40::1' });
  await scene.add(await scene.createPod('both', { ippool: { ipv4: ['four'], ipv6: ['six'] } }));
  assert.match(addressOf('both'), /^172\.18\.40\.\d+\/16$/);
  assert.match(addressOf('both', 'net1', 6), /^fd00:40::1[0-9a-f]\/64$/);
  await scene.add(await scene.createPod('six', { ippool: { ipv6: ['six'] } }));
  assert.deepEqual([addressOf('six'), addressOf('six', 'net1', 6).slice(0, 9)], ['', 'fd00:40::']);
});

test('one pool for two interfaces of a pod gives two addresses', { skip }, async () => {
  await scene.createPool('a');
  const ippools = ['eth0', 'net1', 'net2'].map(name => ({ interface: name, ipv4: ['a'] }));
  await scene.add(await scene.createPod('two', { ippools }, 'lan,lan'));
  assert.notEqual(addressOf('two', 'net1'), addressOf('two', 'net2'));
  assert.deepEqual(await scene.claimsOf('a'), [addressOf('two', 'net1'), addressOf('two', 'net2')].sort());
});

test('a pool that is full says so, hands over to the next, and drains no other pool', { skip }, async () => {
  await scene.createPool('small', { ips: ['172.18.41.1'] });
  await scene.createPool('next', { ips: ['172.18.42.1-172.18.42.9'] });
  await scene.createPool('other', { ips: ['172.18.43.1-172.18.43.2'] });
  await scene.add(await scene.createPod('first', { ippool: { ipv4: ['small', 'next'] } }));
  await scene.add(await scene.createPod('second', { ippool: { ipv4: ['small', 'next'] } }));
  assert.deepEqual([addressOf('first'), addressOf('second').slice(0, 10)], ['172.18.41.1/16', '172.18.42.']);
  const ippools = [{ ipv4: ['other'] }, { ipv4: ['other'] }, { ipv4: ['small'] }];
  const third = await scene.createPod('third', { ippools }, 'lan,lan');
  for (const attempt of [1, 2]) {
    await assert.rejects(scene.add(third, `third-${attempt}`), {
      code: 'POOL_EXHAUSTED',
      message: /IPPool small \(172\.18\.41\.1\).*all IP addresses used out/,
    });
  }
  await scene.eventuallyHeld('other', 0);
});

test('a pool that was disabled hands nothing out, and leaves to pods what they have', { skip }, async () => {
  await scene.createPool('a');
  const pod = await scene.createPod('old', { ippool: { ipv4: ['a'] } });
  await scene.add(pod);
  const before = addressOf('old');
  await scene.changePool('a', { disable: true });
  const late = await scene.createPod('new', { ippool: { ipv4: ['a'] } });
  await eventually('the node has seen it', async () => {
    const failure = await scene.add(late, `new-${Math.random().toString(36).slice(2, 8)}`).then(
      () => undefined,
      error => error,
    );
    return failure?.code === 'POOL_NOT_FOR_POD' && /no IPPool available.*a: it is disabled/.test(failure.message);
  });
  await node.call('DEL', { containerId: 'old', pod: { name: 'old' } });
  await scene.add(pod, 'old-again');
  assert.equal(addressOf('old-again'), before);
});

test('reserved and excluded addresses are not handed out; who has one keeps it', { skip }, async () => {
  await scene.createPool('a', { ips: ['172.18.40.1-172.18.40.4'], excludeIPs: ['172.18.40.1'] });
  const pod = await scene.createPod('holder', { ippool: { ipv4: ['a'] } });
  await scene.add(pod);
  const [held = ''] = addressOf('holder').split('/');
  const others = ['172.18.40.2', '172.18.40.3', '172.18.40.4'].filter(address => address !== held);
  await world.cluster.client.create(SPIDER_RESERVED_IPS, {
    metadata: { name: 'r' },
    spec: { ips: [held, others[0] ?? ''] },
  });
  await eventually('the node has seen it', async () => {
    await scene
      .add(await scene.createPod(`p${Date.now()}`, { ippool: { ipv4: ['a'] } }), 'taker')
      .catch(() => undefined);
    return existsSync('/run/netns/ul-test-taker') && addressOf('taker') === `${others[1]}/16`;
  });
  await node.call('DEL', { containerId: 'holder', pod: { name: 'holder' } });
  await scene.add(pod, 'holder-again');
  assert.equal(addressOf('holder-again'), `${held}/16`);
});

test('the namespace and the configuration name pools for pods that name none', { skip }, async () => {
  for (const [name, third] of Object.entries({ config: 60, 'ns-a': 61, 'ns-b': 62 })) {
    await scene.createPool(name, { ips: [`172.18.${third}.1-172.18.${third}.9`] });
  }
  await scene.createNad('conf', { default_ipv4_ippool: ['config'] });
  await scene.add(await scene.createPod('plain', {}, 'conf'));
  assert.match(addressOf('plain'), /^172\.18\.60\./);
  const namespaces = await world.cluster.client.list(NAMESPACES);
  assert.ok(namespaces.items.some(({ metadata }) => metadata.name === 'default'));
  const annotations = textsOf({ 'default-ipv4-ippool': ['ns-*'] });
  await world.cluster.client.mergePatch(NAMESPACES, { name: 'default' }, { metadata: { annotations } });
  await eventually('the node has seen it', async () => {
    const name = `by-namespace-${Math.random().toString(36).slice(2, 8)}`;
    await scene.add(await scene.createPod(name, {}, 'conf'));
    return addressOf(name).startsWith('172.18.61.');
  });
});

test('the default route is left out by cleangateway', { skip }, async () => {
  await scene.createPool('a');
  const ippools = (cleangateway: boolean): unknown => [
    { interface: 'eth0', ipv4: ['a'] },
    { interface: 'net1', ipv4: ['a'], cleangateway },
  ];
  const networks = JSON.stringify([{ name: 'lan', 'default-route': ['172.18.0.1'] }]);
  await scene.add(await scene.createPod('dirty', { ippools: ippools(false) }, networks));
  assert.ok(routesOf('dirty').includes('default via 172.18.0.1'));
  await scene.add(await scene.createPod('clean', { ippools: ippools(true) }, 'lan'));
  assert.deepEqual(routesOf('clean'), ['172.18.0.0/16']);
});

test('the default interface takes addresses of pools without any Multus', { skip }, async () => {
  await scene.createPool('a', { default: true });
  const plugins = [{ type: 'macvlan', master: 'up0', ipam: { type: 'spiderpool' } }];
  writeFileSync(
    join(world.dir, 'conf', '10-lan.conflist'),
    JSON.stringify({ cniVersion: '1.0.0', name: 'lan', plugins }),
  );
  await scene.add(await world.createPod('plain'));
  assert.match(addressOf('plain', 'eth0'), /^172\.18\.40\./);
  assert.ok(routesOf('plain', 'eth0').includes('default via 172.18.0.1'));
});

test('a plugin that Multus calls for one interface takes the addresses that the pod names for it', {
  skip,
}, async () => {
  await scene.createPool('a');
  await scene.createPool('b', { ips: ['172.18.50.1-172.18.50.9'], multusName: ['default/lan'] });
  await scene.createPod('single', { ippools: [{ ipv4: ['a'] }, { ipv4: ['b'] }] });
  const config = { cniVersion: '1.0.0', name: 'lan', type: 'macvlan', master: 'up0', ipam: { type: 'spiderpool' } };
  const netns = world.makeNetns('single');
  for (const ifname of ['eth0', 'net1']) {
    await node.call('ADD', {
      containerId: 'single',
      netns,
      pod: { name: 'single' },
      plugin: 'macvlan',
      config,
      ifname,
    });
  }
  assert.match(addressOf('single', 'eth0'), /^172\.18\.40\./);
  assert.match(addressOf('single', 'net1'), /^172\.18\.50\./);
});

test('a wrong annotation leaves nothing behind', { skip }, async () => {
  await scene.createPool('a');
  const before = await world.leftOvers();
  const pod = await scene.createPod('bad', { ippool: { ipv4: 'a' } });
  await assert.rejects(scene.add(pod), {
    code: 'BAD_ANNOTATION',
    message: /annotation ipam\.spidernet\.io\/ippool of pod "default\/bad": ipv4 is "a", expected a list$/,
  });
  await assert.rejects(scene.add(await scene.createPod('none', { ippool: { ipv4: ['x'] } })), {
    code: 'NO_POOL',
    message:
      /no IPPool available.*x: there is no such SpiderIPPool; named by annotation ipam\.spidernet\.io\/ippool of pod "default\/none"$/,
  });
  const half = {
    ippools: [
      { interface: 'net1', ipv4: ['a'] },
      { interface: 'net2', ipv4: ['x'] },
    ],
  };
  await assert.rejects(scene.add(await scene.createPod('half', half, 'lan,lan')), { code: 'NO_POOL' });
  assert.ok(!steps.includes('before create'), 'no address is taken for the interface that could have one');
  await eventually('nothing is left', async () => {
    const { links, claims, journal, queue } = await world.leftOvers();
    return links.join() === before.links.join() && claims.length + journal.length + queue.length === 0;
  });
});
