import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IPAM_CLAIMS, type IPAMClaim, type IPAMClaimSpec } from '#api';
import { systemClock, UnderlaneError } from '#base';
import { holdIpamClaim, recordAddresses } from '#ipam';
import type { KubeClient } from '#kube';
import { addressOf, ownerOf, poolOf, startCluster, type TestCluster, type TestNode } from './cluster.ts';
import { withHook } from './hooked-client.ts';
import { createPod, deletePod } from './pods.ts';
import { withReleaser } from './with-releaser.ts';

/** `ipam-claim-reference`: addresses that stay while pods come and go. */
const pool = poolOf('10.0.0.0/24');
const signal = new AbortController().signal;
const namespace = 'default';

function createClaim(cluster: TestCluster, spec: Partial<IPAMClaimSpec> = {}): Promise<IPAMClaim> {
  return cluster.client.create(IPAM_CLAIMS, {
    metadata: { name: 'vm1.lan', namespace },
    spec: { network: 'lan', interface: 'net1', ...spec },
  });
}

/** What is there for people to see. */
async function statusOf(cluster: TestCluster): Promise<unknown> {
  const { status } = await cluster.client.get(IPAM_CLAIMS, { namespace, name: 'vm1.lan' });
  return { ips: status?.ips, ownerPod: status?.ownerPod };
}

function requestOf(pod: string, uid: string) {
  return { name: 'vm1.lan', pod: { namespace, name: pod, uid }, networks: ['lan', 'default/lan'] };
}

/** As the pipeline does it for an attachment. @returns the address */
async function attach(node: TestNode, pod: string, uid: string, client: KubeClient = node.client): Promise<string> {
  const deps = { client, clock: systemClock };
  const held = await holdIpamClaim(requestOf(pod, uid), deps, signal);
  const [address] = held.ips;
  const owner = { ...ownerOf(pod, uid), ipamClaim: held.reference };
  const claim = await node.store.take({ pool, owner, ...(address === undefined ? {} : { address }) });
  await recordAddresses(requestOf(pod, uid), held, [claim.address], deps, signal);
  return addressOf(claim);
}

test('the first pod takes an address and writes it into the IPAMClaim; a later one on another node has the same', async () => {
  await using cluster = await startCluster();
  const [n1, n2] = [await cluster.join('n1'), await cluster.join('n2')];
  await createClaim(cluster);
  const address = await attach(n1, 'a', await createPod(cluster, 'a'));
  assert.deepEqual(await statusOf(cluster), { ips: [`${address}/24`], ownerPod: 'a' });
  await deletePod(cluster, 'a');
  const uid = await createPod(cluster, 'b');
  assert.equal(await attach(n2, 'b', uid), address);
  const [claim, ...others] = await cluster.claims();
  assert.equal(others.length, 0);
  assert.deepEqual(
    [claim?.spec.policy, claim?.spec.node, claim?.spec.owner.podName, claim?.spec.owner.podUid],
    ['Sticky', 'n2', 'b', uid],
  );
  assert.deepEqual(await statusOf(cluster), { ips: [`${address}/24`], ownerPod: 'b' });
});

test('a pod that is started again finds everything written already: no write at all', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  await createClaim(cluster);
  const uid = await createPod(cluster, 'a');
  const address = await attach(node, 'a', uid);
  const verbs: string[] = [];
  const client = withHook(cluster.client, ({ verb }) => {
    verbs.push(verb);
    return 'pass';
  });
  assert.equal(await attach(node, 'a', uid, client), address);
  assert.deepEqual(verbs, ['get']);
});

test('addresses that the IPAMClaim asks for are those that the first pod gets', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  await createClaim(cluster, { ipRequests: ['10.0.0.77/24'] });
  assert.equal(await attach(node, 'a', await createPod(cluster, 'a')), '10.0.0.77');
});

test('a second pod is refused while the first lives, and let in once that one is terminating', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  await createClaim(cluster);
  const address = await attach(node, 'a', await createPod(cluster, 'a', ['test/stays']));
  const uid = await createPod(cluster, 'b');
  await assert.rejects(attach(node, 'b', uid), {
    code: 'IPAM_CLAIM_IN_USE',
    retriable: true,
    message: 'Cannot use IPAMClaim "default/vm1.lan" for pod "default/b": pod "default/a" has its addresses',
  });
  assert.deepEqual(await statusOf(cluster), { ips: [`${address}/24`], ownerPod: 'a' });
  await deletePod(cluster, 'a');
  assert.equal(await attach(node, 'b', uid), address);
});

test('of two pods at once on two nodes one gets the addresses and one is refused, whoever reads first', async () => {
  await using cluster = await startCluster();
  const nodes = [await cluster.join('n1'), await cluster.join('n2')];
  await createClaim(cluster);
  const pods = await Promise.all(['a', 'b'].map(async name => ({ name, uid: await createPod(cluster, name) })));
  // Nobody writes before both have read.
  let reads = 0;
  const bothRead = Promise.withResolvers<'pass'>();
  const client = withHook(cluster.client, ({ verb }) => {
    if (verb === 'get' && ++reads === 2) bothRead.resolve('pass');
    return verb === 'get' ? 'pass' : bothRead.promise;
  });
  const outcomes = await Promise.allSettled(
    nodes.map((node, index) => attach(node, pods[index]?.name ?? '', pods[index]?.uid ?? '', client)),
  );
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'IPAM_CLAIM_IN_USE');
  }
  assert.equal((await cluster.claims()).length, 1);
});

test('addresses outlive their pod, and go when the IPAMClaim has gone', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  await createClaim(cluster);
  await attach(node, 'a', await createPod(cluster, 'a'));
  await deletePod(cluster, 'a');
  const refs = (await cluster.claims()).map(({ metadata }) => ({ name: metadata.name, uid: metadata.uid ?? '' }));
  await withReleaser(cluster, node, async releaser => {
    await releaser.enqueue(refs);
    await releaser.idle();
    assert.equal((await cluster.claims()).length, 1);
    // Another one of its name is not the one that keeps the address.
    await cluster.client.delete(IPAM_CLAIMS, { namespace, name: 'vm1.lan' });
    await createClaim(cluster);
    await releaser.enqueue(refs);
    await releaser.idle();
    assert.equal((await cluster.claims()).length, 0);
    assert.equal(releaser.size, 0);
  });
});

test('what was taken and never written into the IPAMClaim goes with its pod', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const { metadata } = await createClaim(cluster);
  // The agent was killed between taking and writing.
  const owner = { ...ownerOf('a'), ipamClaim: { name: metadata.name, uid: metadata.uid ?? '' } };
  const taken = await node.store.take({ pool, owner });
  await withReleaser(cluster, node, async releaser => {
    await releaser.enqueue([{ name: taken.name, uid: taken.uid }]);
    await releaser.idle();
    assert.equal((await cluster.claims()).length, 0);
  });
});

test('what the IPAMClaim names stays, also where its living pod has no use for it any more, until it is named no longer', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  await createClaim(cluster);
  await attach(node, 'a', await createPod(cluster, 'a'));
  const [claim] = await cluster.claims();
  assert.ok(claim);
  const ref = { name: claim.metadata.name, uid: claim.metadata.uid ?? '' };
  // The interface was unplugged, or the sandbox that had it was one of two.
  const isSpare = (): boolean => true;
  await withReleaser(
    cluster,
    node,
    async releaser => {
      await releaser.enqueue([ref]);
      await releaser.idle();
      assert.equal((await cluster.claims())[0]?.metadata.uid, ref.uid);
      const status = { ips: [] };
      await cluster.client.mergePatch(
        IPAM_CLAIMS,
        { namespace, name: 'vm1.lan' },
        { status },
        { subresource: 'status' },
      );
      await releaser.enqueue([ref]);
      await releaser.idle();
      assert.equal((await cluster.claims()).length, 0);
      assert.equal(releaser.size, 0);
    },
    isSpare,
  );
});

test("a node does not take an address back that has gone over to another node's pod, and forgets to release it", async () => {
  await using cluster = await startCluster();
  const [n1, n2] = [await cluster.join('n1'), await cluster.join('n2')];
  await createClaim(cluster);
  await attach(n1, 'a', await createPod(cluster, 'a'));
  const [before] = await cluster.claims();
  assert.ok(before);
  const ref = { name: before.metadata.name, uid: before.metadata.uid ?? '' };
  await deletePod(cluster, 'a');
  await attach(n2, 'b', await createPod(cluster, 'b'));
  // A sandbox of the old pod is still there: its interface must yield.
  const stale = await cluster.join('n1', { isStale: true });
  const outcome = await stale.store.reassert({ ref, spec: before.spec });
  assert.equal(outcome.kind, 'lost');
  await withReleaser(cluster, n1, async releaser => {
    await releaser.enqueue([ref]);
    await releaser.idle();
    assert.equal(releaser.size, 0);
    assert.equal((await cluster.claims())[0]?.spec.node, 'n2');
  });
});

test('an IPAMClaim that is absent, of another network or being deleted is refused by name', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const refused = (found: string) => ({
    code: 'IPAM_CLAIM_UNUSABLE',
    message: `Cannot use IPAMClaim "default/vm1.lan" for pod "default/a": ${found}`,
  });
  await assert.rejects(
    attach(node, 'a', 'u'),
    refused('there is none of that name, expected one that was made before the pod'),
  );
  await createClaim(cluster, { network: 'other' });
  await assert.rejects(attach(node, 'a', 'u'), refused('spec.network is "other", expected "lan" or "default/lan"'));
  await cluster.client.delete(IPAM_CLAIMS, { namespace, name: 'vm1.lan' });
  await cluster.client.create(IPAM_CLAIMS, {
    metadata: { name: 'vm1.lan', namespace, finalizers: ['kubevirt.io/persistent-ipam'] },
    spec: { network: 'lan', interface: 'net1' },
  });
  await cluster.client.delete(IPAM_CLAIMS, { namespace, name: 'vm1.lan' });
  await assert.rejects(attach(node, 'a', 'u'), refused('it is being deleted, expected one that stays'));
});

test('an answer that is lost after a write changes nothing: the pod finds its own name', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  await createClaim(cluster);
  const uid = await createPod(cluster, 'a');
  let isLost = false;
  const client = withHook(cluster.client, ({ verb }) => {
    if (verb !== 'mergePatch' || isLost) return 'pass';
    isLost = true;
    return 'fail-after';
  });
  await assert.rejects(attach(node, 'a', uid, client), { code: 'Unreachable' });
  const address = await attach(node, 'a', uid);
  assert.deepEqual(await statusOf(cluster), { ips: [`${address}/24`], ownerPod: 'a' });
});

test("a pod of the former one's name does not slip in beside another that was let in meanwhile", async () => {
  await using cluster = await startCluster();
  const [n1, n2] = [await cluster.join('n1'), await cluster.join('n2')];
  await createClaim(cluster);
  const address = await attach(n1, 'a', await createPod(cluster, 'a'));
  await deletePod(cluster, 'a');
  const b = await createPod(cluster, 'b');
  let again = '';
  // Between looking for the former pod and writing itself down, that one comes back by name, and its ADD is quicker.
  let isIn: Promise<string> | undefined;
  const client = withHook(cluster.client, async ({ verb }) => {
    if (verb === 'mergePatch' && isIn === undefined) {
      again = await createPod(cluster, 'a');
      isIn = attach(n1, 'a', again);
      await isIn;
    }
    return 'pass' as const;
  });
  await assert.rejects(attach(n2, 'b', b, client), { code: 'IPAM_CLAIM_IN_USE' });
  assert.equal(await isIn, address);
  const [claim, ...others] = await cluster.claims();
  assert.deepEqual([claim?.spec.owner.podUid, others.length], [again, 0]);
});

test('an address does not go over from a pod that lives, whatever the IPAMClaim says', async () => {
  await using cluster = await startCluster();
  const [n1, n2] = [await cluster.join('n1'), await cluster.join('n2')];
  const { metadata } = await createClaim(cluster);
  const ipamClaim = { name: metadata.name, uid: metadata.uid ?? '' };
  const owner = { ...ownerOf('a', await createPod(cluster, 'a')), ipamClaim };
  const held = await n1.store.take({ pool, owner });
  const next = { ...ownerOf('b', await createPod(cluster, 'b')), ipamClaim };
  const address = addressOf(held);
  await assert.rejects(n2.store.take({ pool, owner: next, address }), { code: 'ADDRESS_TAKEN' });
  await assert.rejects(n1.store.take({ pool, owner: next, address }), { code: 'ADDRESS_TAKEN' });
  await deletePod(cluster, 'a');
  assert.equal((await n2.store.take({ pool, owner: next, address })).uid, held.uid);
});

test('what others have written into the status stays, but for addresses and owner', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  await createClaim(cluster);
  const theirs = {
    type: 'IPsAllocated',
    status: 'True',
    reason: 'SuccessfulAllocation',
    message: '',
    lastTransitionTime: '2025-01-01T00:00:00Z',
  };
  const status = { ips: ['10.0.0.33/24'], ownerPod: 'gone', conditions: [theirs] };
  await cluster.client.mergePatch(IPAM_CLAIMS, { namespace, name: 'vm1.lan' }, { status }, { subresource: 'status' });
  const uid = await createPod(cluster, 'a');
  assert.equal(await attach(node, 'a', uid), '10.0.0.33');
  const after = await cluster.client.get(IPAM_CLAIMS, { namespace, name: 'vm1.lan' });
  assert.deepEqual(after.status?.conditions?.[0], theirs);
  assert.equal(after.status?.conditions?.[1]?.message, uid);
});

test('pods that come, go and attach in any order, with any faults, have one address, and never two of them at once', async () => {
  const step = fc.record({
    pod: fc.constantFrom('a', 'b', 'c'),
    node: fc.constantFrom(0, 1),
    what: fc.constantFrom('attach', 'attach', 'attach', 'delete'),
    pauses: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
    fault: fc.record({
      call: fc.integer({ min: 1, max: 12 }),
      fate: fc.constantFrom<'fail-before' | 'fail-after' | 'pass'>('fail-before', 'fail-after', 'pass', 'pass'),
    }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 5 }),
      async rounds => {
        await using cluster = await startCluster();
        const nodes = [await cluster.join('n1'), await cluster.join('n2')];
        await createClaim(cluster);
        /** Live pods by name. */
        const live = new Map<string, string>();
        /** uids of pods whose ADD has succeeded. */
        const attached = new Set<string>();
        const addresses = new Set<string>();

        async function act({ pod, node, what, pauses, fault }: (typeof rounds)[number][number]): Promise<void> {
          if (what === 'delete') {
            if (!live.delete(pod)) return;
            await deletePod(cluster, pod);
            return;
          }
          const at = nodes[node];
          const uid = live.get(pod);
          if (uid === undefined || at === undefined) return;
          const client = withHook(cluster.client, async ({ number }) => {
            // Lets the others of this round go on in between, each time by another length.
            for (let turn = pauses[number % pauses.length] ?? 0; turn > 0; turn--) await new Promise(setImmediate);
            return 'pass' as const;
          });
          const broken = withHook(client, ({ number }) => (number === fault.call ? fault.fate : 'pass'));
          try {
            addresses.add(await attach(at, pod, uid, broken));
            attached.add(uid);
          } catch (error) {
            const expected = ['IPAM_CLAIM_IN_USE', 'ADDRESS_TAKEN', 'Unreachable', 'Conflict'];
            assert.ok(error instanceof UnderlaneError && expected.includes(error.code), String(error));
          }
        }

        for (const round of rounds) {
          for (const { pod } of round) if (!live.has(pod)) live.set(pod, await createPod(cluster, pod));
          await Promise.all(round.map(act));
          const users = [...live].filter(([, uid]) => attached.has(uid)).map(([name]) => name);
          assert.ok(users.length <= 1, `${users.join()} have the address at once`);
        }
        assert.ok(addresses.size <= 1, [...addresses].join());
      },
    ),
    { numRuns: 40 },
  );
});
