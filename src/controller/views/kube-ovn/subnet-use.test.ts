import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { IPAllocation } from '#api';
import { normalise, parseIp } from '#ip';
import type { CacheChange } from '#kube';
import { followSubnetUse } from './subnet-use.ts';
import { macvlanClaim } from './testing.ts';

const NET = { first: parseIp('172.17.0.0').value, last: parseIp('172.17.0.255').value };

test('followSubnetUse() holds at each moment what the claims hold, also twice in two scopes, or in another Subnet by now', () => {
  const step = fc.record({
    host: fc.integer({ min: 1, max: 6 }),
    scope: fc.constantFrom('default', 'lab'),
    subnet: fc.constantFrom('macvlan', 'other'),
    isGone: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const known = new Map<string, IPAllocation>();
      const told: string[] = [];
      let tell = (_change: CacheChange<IPAllocation>): void => undefined;
      const use = followSubnetUse(
        {
          list: () => [],
          subscribe(listener) {
            tell = listener;
            return () => undefined;
          },
        },
        AbortSignal.abort(),
      );
      use.subscribe(subnet => told.push(subnet), AbortSignal.abort());
      for (const { host, scope, subnet, isGone } of steps) {
        const pool = { dialect: 'kube-ovn', kind: 'Subnet', name: subnet };
        const object = macvlanClaim(`172.17.0.${host}/24`, { scope, pool });
        const { name } = object.metadata;
        const previous = known.get(name);
        if (isGone && previous !== undefined) {
          known.delete(name);
          tell({ type: 'deleted', object: previous });
        } else if (!isGone) {
          known.set(name, object);
          tell({ type: 'put', object, ...(previous === undefined ? {} : { previous }) });
        }
      }
      for (const subnet of ['macvlan', 'other']) {
        const held = [...known.values()].filter(({ spec }) => spec.pool.name === subnet);
        const values = held.map(({ spec }) => parseIp(spec.address.replace('/24', '')).value);
        assert.deepEqual(
          normalise(use.of(subnet, 4).within(NET)),
          normalise(values.map(value => ({ first: value, last: value }))),
        );
        assert.equal(use.isUsed(subnet), held.length > 0);
      }
    }),
    { numRuns: 500 },
  );
});
