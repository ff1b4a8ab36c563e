import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SpiderIPPool } from '#api';
import { count, intersection } from '#ip';
import { formatAddressRanges } from '../address-ranges.ts';
import { readAddresses } from '../read-addresses.ts';
import { subnetOf } from '../testing.ts';
import { apply, demandOf, plan, setOf } from './testing.ts';

test('planAutoPools() comes to rest from any state: pools as large as asked for, of the subnet, without overlap', () => {
  const total = readAddresses(subnetOf('s4', { ips: ['172.18.30.1-172.18.30.20'] }).spec).addresses?.total ?? [];
  const steps = fc.array(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(9)), { maxLength: 3 }), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(steps, fc.infiniteStream(fc.nat(3)), (rounds, dice) => {
      let pools: readonly SpiderIPPool[] = [];
      for (const round of rounds) {
        const demands = [...new Map(round)].map(([name, number]) => demandOf(name, number));
        for (let turn = 0; turn < 4; turn++) {
          const held = Object.fromEntries(
            pools.map(({ metadata, spec }) => [metadata.name, (spec.ips ?? []).slice(0, dice.next().value)]),
          );
          const own = plan({ demands, pools, held });
          const changed = apply(pools, own);
          for (const { metadata, spec } of changed) {
            const set = setOf(...(spec.ips ?? []));
            assert.equal(count(intersection(set, total)), count(set));
            for (const other of changed) {
              if (other.metadata.name === metadata.name) continue;
              assert.deepEqual(intersection(set, setOf(...(other.spec.ips ?? []))), []);
            }
            const lost = intersection(setOf(...(held[metadata.name] ?? [])), set);
            assert.deepEqual(
              formatAddressRanges(lost, 4),
              formatAddressRanges(setOf(...(held[metadata.name] ?? [])), 4),
            );
          }
          pools = changed;
        }
        // Nobody holds anything: two more rounds bring what is asked for.
        for (let turn = 0; turn < 2; turn++) pools = apply(pools, plan({ demands, pools }));
        assert.deepEqual(plan({ demands, pools }).actions, []);
        const sizes = pools.map(({ spec }) => Number(count(setOf(...(spec.ips ?? [])))));
        assert.equal(
          sizes.reduce((sum, size) => sum + size, 0),
          Math.min(
            20,
            demands.reduce((sum, demand) => sum + demand.count, 0),
          ),
        );
      }
    }),
    { numRuns: 300 },
  );
});
