import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { IP_ALLOCATIONS, type IPAllocation, STATEFUL_SETS, type StatefulSet, type WorkloadReference } from '#api';
import type { Claim } from '#ipam';
import { addressOf, ownerOf, poolOf, startCluster, type TestCluster, type TestNode } from './cluster.ts';
import type { Hook } from './hooked-client.ts';
import { createPod, deletePod } from './pods.ts';
import { withReleaser } from './with-releaser.ts';

/** Addresses of pods that come back as the same ones. */
const pool = poolOf('10.0.0.0/24');
const namespace = 'default';

function createSet(cluster: TestCluster, replicas: number): Promise<StatefulSet> {
  return cluster.client.create(STATEFUL_SETS, {
    metadata: { name: 'web', namespace },
    spec: {
      replicas,
      serviceName: 'web',
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    },
  } as StatefulSet);
}

function memberOf(set: StatefulSet, member: string): WorkloadReference {
  return { kind: 'StatefulSet', name: set.metadata.name, uid: set.metadata.uid ?? '', member };
}

test("a StatefulSet's pod finds its address again, on whichever node it is, as long as the set has it", async () => {
  await using cluster = await startCluster();
  const [n1, n2] = [await cluster.join('n1'), await cluster.join('n2')];
  const set = await createSet(cluster, 2);
  const owner = async (name: string) => ({
    ...ownerOf(name, await createPod(cluster, name)),
    workload: memberOf(set, name),
  });
  // Not the one that its owner's name leads to.
  const first = await n1.store.take({ pool, owner: await owner('web-0'), address: '10.0.0.77' });
  assert.equal(first.object.spec.policy, 'Sticky');
  const other = await n1.store.take({ pool, owner: await owner('web-1') });
  assert.notEqual(other.address, first.address);

  await withReleaser(cluster, n1, async releaser => {
    await releaser.enqueue([first]);
    await deletePod(cluster, 'web-0');
    releaser.podChanged(first.object.spec.owner.podUid ?? '');
    await releaser.idle();
    assert.equal((await cluster.claims()).length, 2);

    const again = await n2.store.take({ pool, owner: await owner('web-0') });
    assert.deepEqual([addressOf(again), again.uid, again.object.spec.node], ['10.0.0.77', first.uid, 'n2']);
  });

  await withReleaser(cluster, n2, async releaser => {
    await deletePod(cluster, 'web-0');
    await releaser.enqueue([first]);
    await releaser.idle();
    assert.equal(releaser.size, 1);
    await cluster.client.mergePatch(STATEFUL_SETS, { namespace, name: 'web' }, { spec: { replicas: 0 } });
    releaser.podChanged(
      (await cluster.claims()).find(({ metadata }) => metadata.uid === first.uid)?.spec.owner.podUid ?? '',
    );
    await releaser.idle();
    assert.deepEqual(
      (await cluster.claims()).map(({ metadata }) => metadata.uid),
      [other.uid],
    );
  });
});

test("a StatefulSet's pod keeps its address, though its node looks at the claim while the controller passes it on", async () => {
  await using cluster = await startCluster();
  const pass: Hook = () => 'pass';
  let hook = pass;
  const node = await cluster.join('n1', { hook: call => hook(call) });
  const controller = await cluster.join('n1');
  const set = await createSet(cluster, 1);
  const start = async () => ({
    ...ownerOf('web-0', await createPod(cluster, 'web-0')),
    workload: memberOf(set, 'web-0'),
  });
  // Not the one that its owner's name leads to.
  const first = await node.store.take({ pool, owner: await start(), address: '10.0.0.77' });
  await deletePod(cluster, 'web-0');
  const next = await start();
  let again: Promise<string> | undefined;
  hook = async ({ verb }): Promise<'pass'> => {
    // The node has read the claim as the former pod's by now.
    if (verb === 'list') await controller.store.take({ pool, owner: next });
    if (verb !== 'delete') return 'pass';
    hook = pass;
    again = node.store.take({ pool, owner: next }).then(addressOf);
    await again;
    return 'pass';
  };
  await withReleaser(cluster, node, async releaser => {
    await releaser.enqueue([first]);
    await releaser.idle();
  });
  hook = pass;
  again ??= node.store.take({ pool, owner: next }).then(addressOf);
  assert.equal(await again, addressOf(first));
});

/** Writes claims as a backup has them. */
async function restore(cluster: TestCluster, backup: readonly IPAllocation[]): Promise<void> {
  for (const { metadata } of await cluster.claims()) await cluster.client.delete(IP_ALLOCATIONS, metadata);
  for (const { metadata, spec } of backup) {
    const { name, labels = {} } = metadata;
    await cluster.client.create(IP_ALLOCATIONS, { metadata: { name, labels }, spec });
  }
}

test("a StatefulSet's pod holds its address against a backup from before it was started, a former one does not", async () => {
  await using cluster = await startCluster();
  const [n1, n2] = [await cluster.join('n1'), await cluster.join('n2')];
  const set = await createSet(cluster, 1);
  const start = async () => ({
    ...ownerOf('web-0', await createPod(cluster, 'web-0')),
    workload: memberOf(set, 'web-0'),
  });
  const former = await n1.store.take({ pool, owner: await start() });
  const backup = await cluster.claims();
  await deletePod(cluster, 'web-0');
  const now = await n2.store.take({ pool, owner: await start() });
  await restore(cluster, backup);
  const hold = (node: TestNode, { name, object }: Claim) =>
    node.store.reassert({ ref: { name, uid: 'before the restore' }, spec: object.spec });
  assert.equal((await hold(n2, now)).kind, 'held');
  const [claim] = await cluster.claims();
  assert.deepEqual([claim?.spec.node, claim?.spec.owner.podUid], ['n2', now.object.spec.owner.podUid]);
  assert.equal((await hold(n1, former)).kind, 'lost');
});

test('the address of a virtual machine goes from one of its pods to the next, and from none that lives', async () => {
  await using cluster = await startCluster();
  const [n1, n2] = [await cluster.join('n1'), await cluster.join('n2')];
  const workload: WorkloadReference = { kind: 'VirtualMachine', name: 'vm', uid: 'uid-of-vm' };
  const owner = async (name: string) => ({ ...ownerOf(name, await createPod(cluster, name)), workload });
  const first = await n1.store.take({ pool, owner: await owner('virt-launcher-vm-a') });
  const second = await n2.store.take({ pool, owner: await owner('virt-launcher-vm-b') });
  assert.notEqual(second.address, first.address);
  await n2.store.release(second);
  await deletePod(cluster, 'virt-launcher-vm-a');
  const third = await n2.store.take({ pool, owner: await owner('virt-launcher-vm-c') });
  assert.equal(third.uid, first.uid);
});

test('a claim that a running pod has started without is given back, though the pod lives', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const owner = ownerOf('web', await createPod(cluster, 'web'));
  const used = await node.store.take({ pool, owner });
  const spare = await node.store.take({ pool: poolOf('10.9.0.0/24'), owner });
  await withReleaser(
    cluster,
    node,
    async releaser => {
      await releaser.enqueue([used, spare]);
      await releaser.idle();
    },
    ({ metadata }) => metadata.name === spare.name,
  );
  assert.deepEqual(
    (await cluster.claims()).map(({ metadata }) => metadata.name),
    [used.name],
  );
});

suite('the migration of a virtual machine', () => {
  const workload: WorkloadReference = { kind: 'VirtualMachine', name: 'vm', uid: 'uid-of-vm' };
  const owner = async (cluster: TestCluster, name: string) => ({
    ...ownerOf(name, await createPod(cluster, name)),
    workload,
  });

  /** A machine on its way from one node to another, and a third node. */
  async function migrating(cluster: TestCluster) {
    const [first, second, third] = [await cluster.join('n1'), await cluster.join('n2'), await cluster.join('n3')];
    const source = await first.store.take({ pool, owner: await owner(cluster, 'a') });
    await second.store.take({ pool, owner: await owner(cluster, 'b'), isMigration: true });
    return { source, third };
  }

  test("lets source and target have one address, which is the target's when the source has ended", async () => {
    await using cluster = await startCluster();
    const [n1, n2] = [await cluster.join('n1'), await cluster.join('n2')];
    const source = await n1.store.take({ pool, owner: await owner(cluster, 'a') });
    const target = await n2.store.take({ pool, owner: await owner(cluster, 'b'), isMigration: true });
    assert.deepEqual([target.uid, target.address, target.isNew], [source.uid, source.address, false]);
    const { owner: sharer, heir } = target.object.spec;
    assert.deepEqual([sharer.podName, heir?.podName], ['b', 'b'], 'the target knows that it is the heir');
    const wanted = { ref: { name: target.name, uid: target.uid }, spec: target.object.spec };
    assert.equal((await n2.store.reassert(wanted)).kind, 'held');
    const [shared] = await cluster.claims();
    assert.deepEqual([shared?.spec.owner.podName, shared?.spec.heir?.podName, shared?.spec.node], ['a', 'b', 'n1']);

    await withReleaser(cluster, n1, async releaser => {
      await deletePod(cluster, 'a');
      await releaser.enqueue([source]);
      await releaser.idle();
      assert.equal(releaser.size, 0);
    });
    const [moved, ...others] = await cluster.claims();
    assert.equal(others.length, 0);
    assert.deepEqual([moved?.metadata.uid, moved?.spec.owner.podName, moved?.spec.node], [source.uid, 'b', 'n2']);
    assert.equal(moved?.spec.heir, undefined);
    assert.equal((await n2.store.reassert(wanted)).kind, 'held');
    const lost = await n1.store.reassert({ ref: { name: source.name, uid: 'x' }, spec: source.object.spec });
    assert.equal(lost.kind, 'lost');
  });

  test('leaves the target a claim of its own where the one that both had is made again', async () => {
    await using cluster = await startCluster();
    const [n1, n2] = [await cluster.join('n1'), await cluster.join('n2')];
    await n1.store.take({ pool, owner: await owner(cluster, 'a') });
    const target = await n2.store.take({ pool, owner: await owner(cluster, 'b'), isMigration: true });
    await deletePod(cluster, 'a');
    await cluster.client.delete(IP_ALLOCATIONS, { name: target.name });
    await n2.store.reassert({ ref: { name: target.name, uid: target.uid }, spec: target.object.spec });
    const [claim] = await cluster.claims();
    assert.deepEqual([claim?.spec.owner.podName, claim?.spec.heir], ['b', undefined]);
  });

  test('is found again by each pod where the other has made the claim of both anew', async () => {
    await using cluster = await startCluster();
    // What their watches tell late is no news.
    const [n1, n2] = [await cluster.join('n1', { isStale: true }), await cluster.join('n2', { isStale: true })];
    const source = await n1.store.take({ pool, owner: await owner(cluster, 'a') });
    const target = await n2.store.take({ pool, owner: await owner(cluster, 'b'), isMigration: true });
    for (const [first, second] of [
      [
        { node: n1, claim: source },
        { node: n2, claim: target },
      ],
      [
        { node: n2, claim: target },
        { node: n1, claim: source },
      ],
    ] as const) {
      const [current] = await cluster.claims();
      await cluster.client.delete(
        IP_ALLOCATIONS,
        { name: source.name },
        { preconditions: { uid: current?.metadata.uid ?? '' } },
      );
      for (const { node, claim } of [first, second]) {
        const wanted = { ref: { name: claim.name, uid: claim.uid }, spec: claim.object.spec };
        assert.equal((await node.store.reassert(wanted)).kind, 'held');
      }
      const [again] = await cluster.claims();
      const [owned, inherited] = [again?.spec.owner.podUid, again?.spec.heir?.podUid];
      assert.deepEqual(
        [owned, inherited],
        [first.claim, second.claim].map(({ object }) => object.spec.owner.podUid),
      );
    }
  });

  test('leaves the target what the source has no use for', async () => {
    await using cluster = await startCluster();
    const [n1, n2] = [await cluster.join('n1'), await cluster.join('n2')];
    const spare = await n1.store.take({ pool, owner: await owner(cluster, 'a') });
    await n2.store.take({ pool, owner: await owner(cluster, 'b'), isMigration: true });
    await withReleaser(
      cluster,
      n1,
      async releaser => {
        await releaser.enqueue([spare]);
        await releaser.idle();
      },
      () => true,
    );
    const [claim] = await cluster.claims();
    assert.deepEqual([claim?.metadata.uid, claim?.spec.owner.podName, claim?.spec.node], [spare.uid, 'b', 'n2']);
  });

  test('goes on from where it has come to, when the pod where it began has ended', async () => {
    await using cluster = await startCluster();
    const { source, third: n3 } = await migrating(cluster);
    await deletePod(cluster, 'a');
    const next = await n3.store.take({ pool, owner: await owner(cluster, 'c'), isMigration: true });
    assert.equal(next.uid, source.uid);
    const [claim] = await cluster.claims();
    assert.deepEqual([claim?.spec.owner.podName, claim?.spec.node, claim?.spec.heir?.podName], ['b', 'n2', 'c']);
  });

  test('has one target at a time; a failed one makes way for the next, and leaves the source alone', async () => {
    await using cluster = await startCluster();
    const { source, third: n3 } = await migrating(cluster);
    const third = await owner(cluster, 'c');
    const elsewhere = await n3.store.take({ pool, owner: third, isMigration: true });
    assert.notEqual(elsewhere.address, source.address);
    await n3.store.release(elsewhere);
    await deletePod(cluster, 'b');
    assert.equal((await n3.store.take({ pool, owner: third, isMigration: true })).uid, source.uid);
    const [claim] = await cluster.claims();
    assert.deepEqual([claim?.spec.owner.podName, claim?.spec.heir?.podName], ['a', 'c']);
  });
});
