import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import type { AttachNode } from './node.ts';
import { setEachScene } from './scene.ts';
import { ip, SECOND_NETWORK, WHEREABOUTS, type World } from './world.ts';

/** What users and bad luck put into annotations and configurations: one sentence, nothing left, and the node goes on. */
const { skip } = skipUnlessRing2();

let world: World;
let node: AttachNode;

setEachScene(skip, async scene => {
  ({ world } = scene);
  await world.createNad('second', SECOND_NETWORK);
  await world.createNad('lan2', { type: 'macvlan', master: 'up0', ipam: WHEREABOUTS });
  await world.createNad('plain', { type: 'macvlan', master: 'up0' });
  node = await scene.startNode();
});

const selection = (extra: object) => JSON.stringify([{ name: 'second', ...extra }]);
const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

for (const [what, networks, message] of [
  [
    '1000 networks',
    Array.from({ length: 1000 }, () => 'second').join(','),
    /annotation "k8s.v1.cni.cncf.io\/networks": number of networks is 1000, expected at most 32$/,
  ],
  ['1000 networks in JSON', JSON.stringify(Array.from({ length: 1000 }, () => ({ name: 'second' }))), /at most 32/],
  ['as much text as the API server takes', 'x'.repeat(250_000), /expected up to 63 lower-case letters/],
  ['a JSON of 100,000 levels', deep(100_000), /Cannot read annotation.*nested deeper than 100 levels/],
  ['deep cni-args', `[{"name":"second","cni-args":{"x":${deep(100_000)}}}]`, /nested deeper than 100 levels/],
  ['half a character', '[{"name":"second","interface":"a\\ud800"}]', /no well-formed text/],
  ["the veth's own name", selection({ interface: 'veth0' }), /veth0/],
  ["the default interface's name", selection({ interface: 'eth0' }), /eth0/],
  [
    'more addresses than the network gives',
    JSON.stringify([{ name: 'lan2', ips: ['172.18.30.7', '172.18.30.8'] }]),
    /172\.18\.30\.8/,
  ],
  ['addresses for a network without ipam', JSON.stringify([{ name: 'plain', ips: ['172.18.30.7'] }]), /no ipam/],
] as const) {
  test(`ADD with ${what} in the annotation is refused in one sentence and leaves nothing`, { skip }, async () => {
    const pod = await world.createPod('a', networks);
    const request = {
      containerId: 'bad',
      netns: world.makeNetns('a'),
      pod: { name: 'a', uid: pod.metadata.uid ?? '' },
    };
    const clean = await world.leftOvers();
    await assert.rejects(node.call('ADD', request), error => {
      assert.ok(error instanceof Error);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n/);
      assert.ok(error.message.length < 1024, `${error.message.length}`);
      return true;
    });
    assert.deepEqual(await world.leftOvers(), clean);
    assert.equal(({} as Record<string, unknown>)['interface'], undefined);
    const good = await world.createPod('b', 'second');
    await node.call('ADD', {
      containerId: 'ok',
      netns: world.makeNetns('b'),
      pod: { name: 'b', uid: good.metadata.uid ?? '' },
    });
    await node.call('DEL', { containerId: 'ok' });
  });
}

for (const member of ['__proto__', 'constructor']) {
  test(`ADD passes over a member "${member}" of the annotation, and so does everything after it`, {
    skip,
  }, async () => {
    const pod = await world.createPod('a', `[{"name":"second","${member}":{"interface":"evil","type":"evil"}}]`);
    const owner = { name: 'a', uid: pod.metadata.uid ?? '' };
    const netns = world.makeNetns('a');
    await node.call('ADD', { containerId: 'c', netns, pod: owner });
    assert.match(ip('-n ul-test-a link show dev net1'), /net1/);
    assert.equal(({} as Record<string, unknown>)['interface'], undefined);
    await node.call('DEL', { containerId: 'c', netns, pod: owner });
  });
}

test('ADD reads the conf dir only as far as it must, and says what is wrong with it', { skip }, async () => {
  const pod = await world.createPod('a');
  const request = { containerId: 'c', netns: world.makeNetns('a'), pod: { name: 'a', uid: pod.metadata.uid ?? '' } };
  writeFileSync(join(world.dir, 'conf', '99-broken.conf'), 'no JSON');
  mkdirSync(join(world.dir, 'conf', '98-directory.conf'));
  await node.call('ADD', request);
  await node.call('DEL', request);
  mkdirSync(join(world.dir, 'conf', '00-directory.conf'));
  await assert.rejects(node.call('ADD', request), /00-directory\.conf": it is no plain file$/);
  await assert.rejects(
    node.call('ADD', { ...request, config: { clusterNetwork: '/dev/zero' } }),
    /file "\/dev\/zero": it is no plain file$/,
  );
  await assert.rejects(
    node.call('ADD', { ...request, config: { delegates: [SECOND_NETWORK, { name: 'x' }] } }),
    /delegates\[1\] of the CNI configuration "cluster".*"plugins"/,
  );
});

test('ADD says of which network the plugin cannot be planned', { skip }, async () => {
  await world.createNad('far', { cniVersion: '1.0.0', type: 'macvlan', master: 'eth7' });
  const pod = await world.createPod('a', 'second,far');
  const request = {
    containerId: 'bad',
    netns: world.makeNetns('a'),
    pod: { name: 'a', uid: pod.metadata.uid ?? '' },
  };
  await assert.rejects(node.call('ADD', request), {
    code: 'MASTER_MISSING',
    message:
      'Cannot attach network "default/far": cannot plan macvlan "net2": master is "eth7", expected the name of a device on the host',
  });
});

test('ADD says of which network no address is left on the node', { skip }, async () => {
  const ipam = { type: 'host-local', subnet: '10.7.0.0/30' };
  await world.createNad('small', { cniVersion: '1.0.0', name: 'small', type: 'macvlan', master: 'up0', ipam });
  const pod = await world.createPod('a', 'second,small,small');
  const request = {
    containerId: 'bad',
    netns: world.makeNetns('a'),
    pod: { name: 'a', uid: pod.metadata.uid ?? '' },
  };
  await assert.rejects(node.call('ADD', request), {
    code: 'POOL_EXHAUSTED',
    message:
      'Cannot take an address for network "default/small": failed to allocate for range 0: no IP addresses available in range set: 10.7.0.1-10.7.0.2',
  });
});

test('ADD into something that is no namespace fails, and the addresses taken for it are given back', {
  skip,
}, async () => {
  const before = (await world.cluster.claims()).length;
  for (const netns of [join(world.dir, 'conf'), '/nowhere', '/proc/self/ns/net', '/dev/null', '/proc/self/ns/mnt']) {
    const pod = await world.createPod(`p${netns.replaceAll('/', '-')}`.toLowerCase().replace(/[^a-z0-9-]/g, ''));
    const request = { containerId: 'c', netns, pod: { name: pod.metadata.name, uid: pod.metadata.uid ?? '' } };
    await assert.rejects(node.call('ADD', request), error => error instanceof Error && !error.message.includes('\n'));
    assert.equal((await world.cluster.claims()).length, before, netns);
    assert.deepEqual(node.journal.list(), []);
  }
});
