import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { count, formatRange, has } from '#ip';
import { parseIpam } from '../config/parse-ipam.ts';
import type { Pool } from '../store/claim-store.ts';
import { configuredWishes } from '../wishes/configured-wishes.ts';

/** The pools that a pod of a node tries, one list for each of its addresses. */
function poolsOf(fields: Readonly<Record<string, unknown>>, node: string, ips: readonly string[] = []) {
  const ipam = parseIpam({ type: 'whereabouts', ...fields }, { networkName: 'lan', source: 'NAD "default/lan"' });
  assert.equal(ipam.dialect, 'whereabouts');
  const { alternatives } = configuredWishes(ipam, { asked: { ips }, source: 'network "lan"', node });
  return alternatives[0]?.map(({ pools }) => pools) ?? [];
}

function only(pools: readonly (readonly Pool[])[]): readonly Pool[] {
  assert.equal(pools.length, 1);
  return pools[0] ?? [];
}

test("node_slice_size lets a node's pods look in one slice first, then in the whole range, with the range's mask", () => {
  const fields = { range: '10.9.0.0/16', network_name: 'f' };
  const [whole] = only(poolsOf(fields, 'n1'));
  for (const node_slice_size of ['/24', '24']) {
    const [slice, rest] = only(poolsOf({ ...fields, node_slice_size }, 'n1'));
    assert.ok(slice);
    assert.deepEqual(rest, whole);
    assert.equal(slice.prefixLength, 16);
    assert.equal(count(slice.usable), 254n);
    const [, third] = /^f-n1-10\.9\.(\d+)\.0-24$/.exec(slice.ref.name) ?? [];
    assert.ok(third !== undefined, slice.ref.name);
    assert.deepEqual(
      slice.usable.map(interval => formatRange({ family: 4, ...interval })),
      [`10.9.${third}.1-10.9.${third}.254`],
    );
  }
});

test('node_slice_size names an address by the whole range where the slice would be too long a name for an object', () => {
  const fields = { range: '10.9.0.0/16', network_name: 'f'.repeat(200), node_slice_size: '/24' };
  const [slice, whole] = only(poolsOf(fields, 'n'.repeat(60)));
  assert.equal(slice?.ref.name, whole?.ref.name);
  assert.equal(only(poolsOf(fields, 'n1'))[0]?.ref.name.startsWith(`${fields.network_name}-n1-`), true);
});

test('node_slice_size gives a node the same slice each time, and other nodes mostly others', () => {
  const fields = { range: 'fd00:9::/64', node_slice_size: '/80' };
  const names = Array.from({ length: 100 }, (_, index) => only(poolsOf(fields, `n${index}`))[0]?.ref.name);
  assert.deepEqual(
    names,
    Array.from({ length: 100 }, (_, index) => only(poolsOf(fields, `n${index}`))[0]?.ref.name),
  );
  const slices = new Set(names.map(name => name?.replace(/^n\d+-/, '')));
  assert.ok(slices.size > 95, `${slices.size} slices`);
  assert.match(names[7] ?? '', /^n7-fd00-9-[0-9a-f-]+-80$/);
});

test('node_slice_size cuts the ranges that are larger than a slice, and leaves the others whole', () => {
  const fields = { range: '10.9.0.0/16', ipRanges: [{ range: 'fd00:9::/64' }, { range: '10.8.0.0/26' }] };
  const pools = poolsOf({ ...fields, node_slice_size: '24' }, 'n1');
  assert.deepEqual(
    pools.map(list => list.length),
    [2, 1, 1],
  );
  assert.deepEqual(
    poolsOf({ ...fields, node_slice_size: '/72' }, 'n1').map(list => list.length),
    [1, 2, 1],
  );
});

test('node_slice_size leaves nobody without an address: no range, no slice of a start, an end and excludes', () => {
  const octet = fc.integer({ min: 1, max: 254 });
  fc.assert(
    fc.property(
      octet,
      octet,
      fc.array(octet, { maxLength: 20 }),
      fc.string({ minLength: 1 }),
      (a, b, excluded, node) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        fc.pre(end - start > 25);
        const exclude = excluded.map(value => `10.0.0.${value}`);
        const range = `10.0.0.${start}-10.0.0.${end}/24`;
        const pools = only(poolsOf({ range, exclude, node_slice_size: '/28' }, node));
        const whole = pools.at(-1);
        assert.ok(whole && count(whole.usable) > 0n);
        for (const { usable } of pools) {
          assert.ok(count(usable) > 0n);
          for (const { first, last } of usable) assert.ok(has(whole.usable, first) && has(whole.usable, last));
        }
      },
    ),
  );
});

test('an address that was asked for is of whichever slice', () => {
  const fields = { range: '10.9.0.0/16', node_slice_size: '/24' };
  for (const asked of ['10.9.3.7', '10.9.250.7/16']) {
    const pools = only(poolsOf(fields, 'n1', [asked]));
    assert.equal(pools.length, 2);
  }
});
