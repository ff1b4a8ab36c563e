import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SPIDER_IP_POOLS, type SpiderIPPool } from '#api';
import { withViews } from '../../../../test/views/scene.ts';
import { claimOf } from '../testing.ts';
import { comparePoolStatus, spiderPoolStatusView } from './pool-status-view.ts';

const POOL: SpiderIPPool = {
  metadata: { name: 'ippool-test' },
  spec: { subnet: '172.18.0.0/16', ips: ['172.18.30.131-172.18.30.140'], gateway: '172.18.0.1' },
};
const REF = { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'ippool-test' };
const A = claimOf({ address: '172.18.30.139/16', pool: REF, pod: 'default/a' });
const B = claimOf({ address: '172.18.30.138/16', pool: REF, pod: 'default/b' });
const ALLOCATED =
  '{"172.18.30.138":{"pod":"default/b","podUid":"uid-of-b"},"172.18.30.139":{"pod":"default/a","podUid":"uid-of-a"}}';

test('comparePoolStatus() writes what Spiderpool writes', () => {
  const change = comparePoolStatus({ claims: [A, B], object: POOL }, 10);
  const status = { allocatedIPs: ALLOCATED, totalIPCount: 10, allocatedIPCount: 2 };
  assert.deepEqual(change, { kind: 'patch', subresource: 'status', body: { status } });
  assert.deepEqual(comparePoolStatus({ claims: [B, A], object: { ...POOL, status } }, 10), { kind: 'none' });
});

test('comparePoolStatus() counts a pool of which nobody has an address', () => {
  const counts = { totalIPCount: 10, allocatedIPCount: 0 };
  const change = comparePoolStatus({ claims: [], object: POOL }, 10);
  assert.deepEqual(change.kind === 'patch' && change.body, { status: { allocatedIPs: null, ...counts } });
  assert.deepEqual(comparePoolStatus({ claims: [], object: { ...POOL, status: counts } }, 10), { kind: 'none' });
});

test('comparePoolStatus() names a virtual machine instead of its pod', () => {
  const workload = { kind: 'VirtualMachine', name: 'vm1', uid: 'u' } as const;
  const claim = claimOf({
    address: '172.18.30.139/16',
    pool: REF,
    pod: 'vms/virt-launcher-vm1-x',
    owner: { workload },
  });
  const change = comparePoolStatus({ claims: [claim], object: POOL }, 10);
  assert.match(JSON.stringify(change), /\\"pod\\":\\"vms\/vm1\\"/);
});

test('comparePoolStatus() only counts what would be too much for one object', () => {
  const claims = Array.from({ length: 9_000 }, (_, index) =>
    claimOf({ address: `172.18.${index >> 8}.${index & 255}/16`, pool: REF, pod: `default/pod-with-a-name-${index}` }),
  );
  const change = comparePoolStatus({ claims, object: POOL }, 65_536);
  assert.deepEqual(change.kind === 'patch' && change.body, {
    status: { allocatedIPs: null, totalIPCount: 65_536, allocatedIPCount: 9_000 },
  });
});

test('comparePoolStatus() leaves a pool to Spiderpool as long as its finalizer is on it', () => {
  const object = { ...POOL, metadata: { name: 'ippool-test', finalizers: ['spiderpool.spidernet.io'] } };
  assert.deepEqual(comparePoolStatus({ claims: [A], object }, 10), { kind: 'foreign' });
});

test('spiderPoolStatusView() keeps the counters of every pool, also of one that is made, edited or too large to count', async () => {
  await withViews(async ({ client, keep, take, eventually }) => {
    const status = async (name: string) => (await client.get(SPIDER_IP_POOLS, { name })).status;
    await client.create(SPIDER_IP_POOLS, POOL);
    keep(spiderPoolStatusView());
    await eventually(async () =>
      assert.deepEqual(await status('ippool-test'), { totalIPCount: 10, allocatedIPCount: 0 }),
    );
    await take(A);
    await take(B);
    await eventually(async () =>
      assert.deepEqual(await status('ippool-test'), { allocatedIPs: ALLOCATED, totalIPCount: 10, allocatedIPCount: 2 }),
    );
    await client.mergePatch(SPIDER_IP_POOLS, { name: 'ippool-test' }, { spec: { excludeIPs: ['172.18.30.131'] } });
    await eventually(async () => assert.equal((await status('ippool-test'))?.totalIPCount, 9));
    const wide = { subnet: 'fd00::/32', ips: ['fd00::1-fd00::ffff:ffff:ffff:ffff:ffff:ffff'] };
    await client.create(SPIDER_IP_POOLS, { metadata: { name: 'wide' }, spec: wide });
    await eventually(async () => assert.equal((await status('wide'))?.totalIPCount, Number.MAX_SAFE_INTEGER));
  });
});

test('comparePoolStatus() fills in the family that no webhook has filled in', () => {
  assert.deepEqual(comparePoolStatus({ claims: [], object: POOL }, 10, 4), {
    kind: 'patch',
    body: { spec: { ipVersion: 4 } },
  });
  const object = { ...POOL, spec: { ...POOL.spec, ipVersion: 4 } };
  assert.equal(comparePoolStatus({ claims: [], object }, 10, 4).kind, 'patch');
  assert.deepEqual(
    comparePoolStatus({ claims: [], object: { ...object, status: { totalIPCount: 10, allocatedIPCount: 0 } } }, 10, 4),
    { kind: 'none' },
  );
});

test('comparePoolStatus() counts an address in quarantine, and says whose MAC is to blame', () => {
  const claim = claimOf({ address: '172.18.30.139/16', pool: REF, quarantine: '02:00:00:00:00:07' });
  const change = comparePoolStatus({ claims: [claim], object: POOL }, 10);
  assert.deepEqual(change.kind === 'patch' && change.body, {
    status: {
      allocatedIPs: '{"172.18.30.139":{"pod":"quarantine: 02:00:00:00:00:07","podUid":""}}',
      totalIPCount: 10,
      allocatedIPCount: 1,
    },
  });
});
