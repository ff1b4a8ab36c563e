import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SPIDER_IP_POOLS } from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { capture } from '../../src/probe/testing-capture.ts';
import { ownerOf, poolOf } from '../claims/cluster.ts';
import type { AttachNode } from './node.ts';
import { addressOf } from './pod-kernel.ts';
import { setEachScene } from './scene.ts';
import { type SpiderpoolScene, spiderpoolScene } from './spiderpool-scene.ts';
import { ip, type World } from './world.ts';

/** A virtual machine that runs on another node and migrates to this one. */
const { skip } = skipUnlessRing2();

const MACHINE = { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance', name: 'vm', uid: 'uid-of-vm' };
const [FOUR, SIX] = ['172.18.40.5', 'fd00:40::5'];

let world: World;
let node: AttachNode;
let scene: SpiderpoolScene;

setEachScene(skip, async own => {
  ({ world } = own);
  node = await own.startNode();
  scene = spiderpoolScene(world, node);
  await scene.createNad('lan', { default_ipv4_ippool: ['v4'], default_ipv6_ippool: ['v6'] });
  const annotations = { 'underlane.io/detect': 'conflict,gateway' };
  for (const [name, subnet, address, gateway] of [
    ['v4', '172.18.0.0/16', FOUR, '172.18.0.9'],
    ['v6', 'fd00:40::/64', SIX, 'fd00:40::9'],
  ] as const) {
    const spec = { subnet, ips: [address], gateway };
    await world.cluster.client.create(SPIDER_IP_POOLS, { metadata: { name, annotations }, spec });
  }
  world.makeNetns('elsewhere');
  ip('link set up1 netns ul-test-elsewhere');
  ip('-n ul-test-elsewhere link set up1 up');
  ip(`-n ul-test-elsewhere addr add ${FOUR}/16 dev up1`);
  ip(`-n ul-test-elsewhere addr add ${SIX}/64 dev up1 nodad`);
});

/** The pod on the other node that the machine is in. */
async function createSource(): Promise<void> {
  const { metadata } = await world.createPod('source');
  const workload = { kind: 'VirtualMachineInstance', name: MACHINE.name, uid: MACHINE.uid } as const;
  const { store } = await world.cluster.join('n2');
  for (const [slot, range] of [`${FOUR}-${FOUR}/16`, `${SIX}-${SIX}/64`].entries()) {
    await store.take({ pool: poolOf(range), owner: { ...ownerOf('source', metadata.uid), slot, workload } });
  }
}

test('the pod that it migrates to has its addresses, and says nothing of them as long as it is elsewhere', {
  skip,
}, async () => {
  await createSource();
  const target = await scene.createPod('target', {}, 'lan', MACHINE, { 'kubevirt.io/migrationJobName': 'job' });
  using heard = capture('/run/netns/ul-test-elsewhere', 'up1');
  await scene.add(target);
  assert.equal(addressOf('target'), `${FOUR}/16`);
  assert.equal(addressOf('target', 'net1', 6), `${SIX}/64`);
  // The pod's other interface is announced by the kernel and three times by us: the last of these comes after all of net1's.
  await heard.seen(/who-has 172\.18\.30\.\d+ tell 172\.18\.30/, 4);
  assert.deepEqual(said(heard.lines()), []);
  const claims = await world.cluster.claims();
  const shared = claims.filter(({ spec }) => spec.owner.interface === 'net1');
  assert.deepEqual(
    shared.map(({ spec }) => [spec.owner.podName, spec.heir?.podName]),
    [
      ['source', 'target'],
      ['source', 'target'],
    ],
  );
});

/** What others' caches would take the machine's place from. */
function said(lines: readonly string[]): readonly string[] {
  return lines.filter(line => line.includes(`tell ${FOUR}`) || line.includes(`${SIX} > `));
}
