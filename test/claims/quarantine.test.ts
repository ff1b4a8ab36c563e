import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ipAllocationSchema } from '#api';
import { silentLog } from '#base';
import { type Claim, createReleaser } from '#ipam';
import { addressOf, createSkippingClock, ownerOf, poolOf, startCluster, type TestNode } from './cluster.ts';
import { createPod, deletePod } from './pods.ts';

const MAC = '02:42:ac:12:00:05';
/** Two addresses: whoever may not have one gets the other. */
const pool = poolOf('10.0.0.1-10.0.0.2/24');

/** A claim of web-0 whose address somebody else has answered for. */
async function quarantined({ store }: TestNode): Promise<Claim> {
  const claim = await store.take({ pool, owner: ownerOf('web-0') });
  await store.quarantine(claim, MAC);
  return claim;
}

test('quarantine() takes a claim from its owner, who takes another address', async () => {
  await using cluster = await startCluster();
  const clock = createSkippingClock();
  const node = await cluster.join('n1', { clock });
  const first = await quarantined(node);
  const [object] = await cluster.claims();
  assert.ok(object !== undefined && ipAllocationSchema.safeParse(object).success);
  assert.equal(object.metadata.uid, first.uid);
  assert.equal(object.spec.policy, 'Quarantine');
  assert.equal(object.spec.quarantine?.mac, MAC);
  const minutes = (Date.parse(object.spec.quarantine.until) - clock.now()) / 60_000;
  assert.ok(minutes > 9 && minutes <= 10, `${minutes} minutes`);
  assert.deepEqual(object.spec.owner, { network: 'default/lan', interface: 'net1', slot: 0 });
  const second = await node.store.take({ pool, owner: ownerOf('web-0') });
  assert.notEqual(addressOf(second), addressOf(first));
});

test('nobody gets an address in quarantine, on this node or on another, asked for or not', async () => {
  await using cluster = await startCluster();
  const here = await cluster.join('n1', { clock: createSkippingClock() });
  const there = await cluster.join('n2', { clock: createSkippingClock() });
  const claim = await quarantined(here);
  await here.store.take({ pool, owner: ownerOf('web-1') });
  for (const node of [here, there]) {
    await assert.rejects(node.store.take({ pool, owner: ownerOf('web-2') }), { code: 'POOL_EXHAUSTED' });
    await assert.rejects(node.store.take({ pool, owner: ownerOf('web-2'), address: addressOf(claim) }), {
      code: 'ADDRESS_TAKEN',
      message: new RegExp(`it is in quarantine until .*, since ${MAC} answered for it on the network`),
    });
  }
});

test('an address whose quarantine is over goes to whoever asks for it', async () => {
  await using cluster = await startCluster();
  const clock = createSkippingClock();
  const node = await cluster.join('n1', { clock });
  const claim = await quarantined(node);
  await clock.sleep(10 * 60_000);
  const again = await node.store.take({ pool, owner: ownerOf('web-1'), address: addressOf(claim) });
  assert.equal(addressOf(again), addressOf(claim));
  assert.notEqual(again.uid, claim.uid);
});

test('quarantine() is as long as the store is told', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1', { quarantineMs: 1000 });
  await quarantined(node);
  const [object] = await cluster.claims();
  assert.ok(Date.parse(object?.spec.quarantine?.until ?? '') - Date.now() <= 1000);
});

test("reassert() takes a claim that is in use out of quarantine, for a pod that lives, and nobody else's", async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const uid = await createPod(cluster, 'web-0');
  const claim = await node.store.take({ pool, owner: ownerOf('web-0', uid) });
  // Late, as from a process that has ended since.
  await node.store.quarantine(claim, MAC);
  const wanted = { ref: { name: claim.name, uid: claim.uid }, spec: claim.object.spec };
  const { store } = await cluster.join('n1');
  assert.equal((await store.reassert({ ...wanted, ref: { ...wanted.ref, uid: 'former' } })).kind, 'lost');
  assert.deepEqual(await store.reassert(wanted), { kind: 'held', uid: claim.uid });
  const [object] = await cluster.claims();
  assert.deepEqual(object?.spec, claim.object.spec);
  assert.deepEqual(object?.metadata.labels, claim.object.metadata.labels);
  await store.quarantine(claim, MAC);
  await deletePod(cluster, 'web-0');
  assert.equal((await (await cluster.join('n1')).store.reassert(wanted)).kind, 'lost');
});

test('quarantine() leaves alone what another owner has by now', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const claim = await node.store.take({ pool, owner: ownerOf('web-0') });
  await node.store.release(claim);
  const next = await node.store.take({ pool, owner: ownerOf('web-1'), address: addressOf(claim) });
  await node.store.quarantine(claim, MAC);
  const [object] = await cluster.claims();
  assert.equal(object?.metadata.uid, next.uid);
  assert.equal(object?.spec.policy, 'Ephemeral');
});

test('the releaser ends a quarantine when it is over, and not before, whoever queued the claim', async () => {
  await using cluster = await startCluster();
  const clock = createSkippingClock();
  const node = await cluster.join('n1', { clock });
  const claim = await quarantined(node);
  const dir = mkdtempSync(join(tmpdir(), 'underlane-quarantine-'));
  const ending = new AbortController();
  const releaser = createReleaser({
    dir,
    store: node.store,
    client: node.client,
    node: 'n1',
    isBound: () => false,
    isSpare: () => false,
    podState: async () => 'gone',
    clock,
    log: silentLog,
    signal: ending.signal,
  });
  const ref = { name: claim.name, uid: claim.uid };
  await releaser.enqueue([ref]);
  await releaser.idle();
  assert.equal((await cluster.claims()).length, 1);
  await clock.sleep(10 * 60_000);
  await releaser.enqueue([ref]);
  await releaser.idle();
  assert.equal((await cluster.claims()).length, 0);
  assert.equal(releaser.size, 0);
  ending.abort();
  rmSync(dir, { recursive: true });
});
