import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { ipAllocationSchema } from '#api';
import { addressOf, ownerOf, poolOf, startCluster, takeAll } from './cluster.ts';
import { recordCalls } from './hooked-client.ts';

test('take() creates one object whose name is the address', async () => {
  await using cluster = await startCluster();
  const { calls, hook } = recordCalls();
  const node = await cluster.join('n1', { hook });
  const claim = await node.store.take({
    pool: poolOf('172.18.0.0/16', { gateway: '172.18.0.1' }),
    owner: ownerOf('web-0'),
  });
  assert.deepEqual(calls, ['create']);
  const [object, ...others] = await cluster.claims();
  assert.ok(object);
  assert.equal(others.length, 0);
  assert.equal(object.metadata.name, `default-${addressOf(claim)}`);
  assert.deepEqual(object.spec, {
    address: claim.address,
    gateway: '172.18.0.1',
    pool: { dialect: 'whereabouts', kind: 'IPPool', name: '172.18.0.0-16' },
    owner: ownerOf('web-0'),
    node: 'n1',
    policy: 'Ephemeral',
  });
  assert.equal(claim.uid, object.metadata.uid);
  assert.equal(claim.gateway, '172.18.0.1');
  assert.equal(claim.isNew, true);
  assert.ok(ipAllocationSchema.safeParse(object).success);
});

test('take() makes objects of at most 700 bytes for realistic names', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('ip-10-0-131-27.ec2.internal');
  const owner = {
    podNamespace: 'payments-prod',
    podName: 'payments-gateway-7c9d8b6f5d-x2x7k',
    podUid: '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
    network: 'payments-prod/macvlan-standalone',
    interface: 'net1',
    slot: 0,
  };
  for (const [range, extra] of [
    ['172.18.30.1-172.18.30.254/16', { gateway: '172.18.0.1', network_name: 'production-lan' }],
    ['fd00:1234:5678:9abc::/64', { gateway: 'fd00:1234:5678:9abc::1' }],
  ] as const) {
    const { object } = await node.store.take({ pool: poolOf(range, extra), owner });
    const { name, labels } = object.metadata;
    const own = { apiVersion: object.apiVersion, kind: object.kind, metadata: { name, labels }, spec: object.spec };
    const bytes = Buffer.byteLength(JSON.stringify(own));
    assert.ok(bytes <= 700, `${bytes} bytes: ${JSON.stringify(own)}`);
  }
});

test('take() gives an owner the claim that it has, without a call once the watch has told of it', async () => {
  await using cluster = await startCluster();
  const { calls, hook } = recordCalls();
  const node = await cluster.join('n1', { hook });
  const pool = poolOf('10.0.0.0/24');
  const told = Promise.withResolvers<void>();
  node.cache.subscribe(change => void (change.type === 'put' && told.resolve()));
  const first = await node.store.take({ pool, owner: ownerOf('web-0') });
  await told.promise;
  const again = await node.store.take({ pool, owner: ownerOf('web-0') });
  assert.equal(again.uid, first.uid);
  assert.equal(again.isNew, false);
  assert.deepEqual(calls, ['create']);
  assert.equal((await cluster.claims()).length, 1);
});

test('take() of one owner twice at once holds one address', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.0/24');
  const [a, b] = await takeAll(node.store, pool, ['web-0', 'web-0']);
  assert.equal(a?.uid, b?.uid);
  assert.equal((await cluster.claims()).length, 1);
});

test("take() does not let a recreated pod of the same name have its predecessor's claim", async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.0/24');
  const old = await node.store.take({ pool, owner: ownerOf('web-0', 'first') });
  const next = await node.store.take({ pool, owner: ownerOf('web-0', 'second') });
  assert.notEqual(next.address, old.address);
});

test('take() keeps addresses of two scopes apart', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const [a] = await takeAll(node.store, poolOf('10.0.0.1-10.0.0.1/24'), ['a']);
  const [b] = await takeAll(node.store, poolOf('10.0.0.1-10.0.0.1/24', { network_name: 'blue' }), ['b']);
  assert.deepEqual([a?.name, b?.name], ['default-10.0.0.1', 'blue-10.0.0.1']);
});

test('take() does not go on with a claim that the range no longer hands out', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  await node.store.take({ pool: poolOf('10.0.0.0/24'), owner: ownerOf('a'), address: '10.0.0.5' });
  const after = await node.store.take({ pool: poolOf('10.0.0.0/24', { exclude: ['10.0.0.5'] }), owner: ownerOf('a') });
  assert.notEqual(after.address, '10.0.0.5/24');
});

test('take() writes a changed gateway and prefix length into a claim that stays', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const before = await node.store.take({
    pool: poolOf('10.0.0.0/25', { gateway: '10.0.0.1' }),
    owner: ownerOf('a'),
    address: '10.0.0.5',
  });
  const after = await node.store.take({ pool: poolOf('10.0.0.0/24'), owner: ownerOf('a'), address: '10.0.0.5' });
  assert.equal(after.uid, before.uid);
  assert.equal(after.address, '10.0.0.5/24');
  const [object] = await cluster.claims();
  assert.equal(object?.spec.address, '10.0.0.5/24');
  assert.equal(object?.spec.gateway, undefined);
  assert.equal(object?.spec.pool.name, '10.0.0.0-24');
});

test('take() of 300 attachments from 2 nodes shares exactly 300 addresses', async () => {
  await using cluster = await startCluster();
  const nodes = await Promise.all(['n1', 'n2'].map(name => cluster.join(name)));
  const pool = poolOf('10.0.0.1-10.0.1.44/23');
  const claims = await Promise.all(
    Array.from({ length: 300 }, (_, index) => {
      const store = nodes[index % 2]?.store;
      assert.ok(store);
      return store.take({ pool, owner: ownerOf(`pod-${index}`) });
    }),
  );
  assert.equal(new Set(claims.map(addressOf)).size, 300);
  assert.equal((await cluster.claims()).length, 300);
});

test('take() stops when its signal does', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.1-10.0.0.1/24');
  await node.store.take({ pool, owner: ownerOf('a') });
  const ending = new AbortController();
  const waiting = node.store.take({ pool, owner: ownerOf('b') }, ending.signal);
  setImmediate(() => ending.abort(new Error('enough')));
  await once(ending.signal, 'abort');
  await assert.rejects(waiting, /enough|abort/i);
});
