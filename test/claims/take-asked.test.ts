import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subtract } from '#ip';
import type { Pool } from '#ipam';
import { ownerOf, poolOf, startCluster } from './cluster.ts';

test('take() gives the address that was asked for, with or without prefix length', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.0/24');
  const asked = await node.store.take({ pool, owner: ownerOf('a'), address: '10.0.0.77' });
  assert.equal(asked.address, '10.0.0.77/24');
  assert.equal((await node.store.take({ pool, owner: ownerOf('a'), address: '10.0.0.77/24' })).uid, asked.uid);
  await assert.rejects(node.store.take({ pool, owner: ownerOf('b'), address: '10.0.0.77' }), {
    code: 'ADDRESS_TAKEN',
    message:
      'Cannot take 10.0.0.77/24 for pod "default/b" (network "default/lan", interface "net1"): pod "default/a" (network "default/lan", interface "net1") on node "n1" holds it',
  });
});

test('take() refuses an address that the range does not hand out', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.0/24', { gateway: '10.0.0.1', exclude: ['10.0.0.9'] });
  for (const address of ['10.0.0.1', '10.0.0.0', '10.0.0.255', '10.0.0.9', '10.0.1.5', '10.0.0.5/16', 'fd00::5', 'x']) {
    await assert.rejects(
      node.store.take({ pool, owner: ownerOf('a'), address }),
      { code: 'ADDRESS_OUTSIDE_POOL' },
      address,
    );
  }
  assert.equal((await cluster.claims()).length, 0);
});

test('take() gives the address that was asked for to an owner that holds another one', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.0/24');
  await node.store.take({ pool, owner: ownerOf('a'), address: '10.0.0.5' });
  const asked = await node.store.take({ pool, owner: ownerOf('a'), address: '10.0.0.77' });
  assert.equal(asked.address, '10.0.0.77/24');
});

test('take() lets an owner keep an address that it asks for though nobody else gets it any more', async () => {
  await using cluster = await startCluster();
  const node = await cluster.join('n1');
  const pool = poolOf('10.0.0.0/24');
  const address = '10.0.0.77';
  const held = await node.store.take({ pool, owner: ownerOf('a'), address });
  const value = 0x0a00004dn;
  const interval = { first: value, last: value };
  const closed: Pool = { ...pool, usable: subtract(pool.usable, [interval]), kept: [interval] };
  assert.equal((await node.store.take({ pool: closed, owner: ownerOf('a'), address })).uid, held.uid);
  await node.store.release(held);
  await assert.rejects(node.store.take({ pool: closed, owner: ownerOf('a'), address }), {
    code: 'ADDRESS_OUTSIDE_POOL',
  });
});
