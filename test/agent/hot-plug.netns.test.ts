import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PODS, type Pod } from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { setEachLan } from './on-lan.ts';
import type { TestCluster } from './test-cluster.ts';
import { eventually, hostSnapshot, ip, type TestNode } from './test-node.ts';

/** The built agent, following the networks annotations of pods that run. */
const { skip } = skipUnlessRing2();

const KEY = 'k8s.v1.cni.cncf.io/networks';
const LAN = {
  cniVersion: '1.0.0',
  name: 'lan',
  type: 'macvlan',
  master: 'up0',
  ipam: { type: 'host-local', subnet: '10.90.0.0/24' },
};

let cluster: TestCluster;
let node: TestNode;

setEachLan(skip, async lan => {
  ({ cluster } = lan);
  node = await lan.startNode();
  await cluster.createNad('lan', LAN);
});

function annotate(annotations: Readonly<Record<string, string | null>>): Promise<unknown> {
  return cluster.client.mergePatch(PODS, { namespace: 'default', name: 'a' }, { metadata: { annotations } });
}

/** Interfaces that the pod's network-status tells of, once they are these. */
async function statusIs(...expected: readonly string[]): Promise<void> {
  await eventually(`status with ${expected.join()}`, async () => {
    const pod = await cluster.client.get<Pod>(PODS, { namespace: 'default', name: 'a' });
    const text = pod.metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'] ?? '[]';
    const names = (JSON.parse(text) as { interface: string }[]).map(one => one.interface);
    return names.join() === expected.join();
  });
}

function links(): readonly string[] {
  return (JSON.parse(ip('-n ul-test-n1-ctr -j link')) as { ifname: string }[]).map(({ ifname }) => ifname).sort();
}

test('a changed annotation of a running pod attaches and detaches, also over a restart of the agent', {
  skip,
}, async () => {
  const pod = await cluster.createPod('a');
  const netns = node.makeNetns('ctr');
  const before = hostSnapshot();
  assert.equal((await node.call({ command: 'ADD', containerId: 'ctr', pod, netns }).done).exitCode, 0);
  await annotate({ [KEY]: 'lan' });
  await statusIs('eth0', 'net1');
  assert.deepEqual(links(), ['eth0', 'lo', 'net1']);
  await node.kill('SIGKILL');
  await annotate({ [KEY]: 'lan,lan@storage' });
  await node.start();
  await statusIs('eth0', 'net1', 'storage');
  await annotate({ [KEY]: null });
  await statusIs('eth0');
  assert.deepEqual(links(), ['eth0', 'lo']);
  const { exitCode } = await node.call({ command: 'DEL', containerId: 'ctr', pod, netns }).done;
  assert.equal(exitCode, 0);
  assert.deepEqual(hostSnapshot(), before);
});

test('a network that is missing is said, and attached when it comes', { skip }, async () => {
  const pod = await cluster.createPod('a');
  const netns = node.makeNetns('ctr');
  await node.call({ command: 'ADD', containerId: 'ctr', pod, netns }).done;
  await annotate({ [KEY]: 'later' });
  await eventually('the Event', async () =>
    (await cluster.events()).some(
      ({ reason, message }) => reason === 'FailedHotPlug' && /"default\/later"/.test(message ?? ''),
    ),
  );
  await cluster.createNad('later', { ...LAN, name: 'later' });
  await statusIs('eth0', 'net1');
  await node.call({ command: 'DEL', containerId: 'ctr', pod, netns }).done;
});

test('a pod with underlane.io/hot-plug "false" keeps what it started with', { skip }, async () => {
  const pod = await cluster.createPod('a', { annotations: { 'underlane.io/hot-plug': 'false' } });
  const netns = node.makeNetns('ctr');
  await node.call({ command: 'ADD', containerId: 'ctr', pod, netns }).done;
  await annotate({ [KEY]: 'lan' });
  // Nothing would tell that nothing happens: what is switched on then shows that it was seen, and only then.
  assert.deepEqual(links(), ['eth0', 'lo']);
  await annotate({ 'underlane.io/hot-plug': null });
  await statusIs('eth0', 'net1');
  await node.call({ command: 'DEL', containerId: 'ctr', pod, netns }).done;
});
