import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createGrowingSet } from './growing-set.ts';
import { has, normalise, subtract } from './interval-set.ts';

const step = fc.record({ isAdded: fc.boolean(), value: fc.bigInt(0n, 40n) });
const range = fc
  .tuple(fc.bigInt(0n, 45n), fc.bigInt(0n, 45n))
  .map(([a, b]) => (a < b ? { first: a, last: b } : { first: b, last: a }));

test('a growing set holds what was added and not removed, in whatever order', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 120 }),
      range,
      fc.array(range, { maxLength: 4 }),
      fc.bigInt(0n, 45n),
      (steps, window, wanted, from) => {
        const set = createGrowingSet();
        const model = new Set<bigint>();
        for (const { isAdded, value } of steps) {
          if (isAdded) assert.equal(set.add(value), !model.has(value));
          else assert.equal(set.remove(value), model.has(value));
          if (isAdded) model.add(value);
          else model.delete(value);
        }
        const all = normalise([...model].map(value => ({ first: value, last: value })));
        for (let value = 0n; value <= 45n; value++) assert.equal(set.has(value), model.has(value));
        assert.deepEqual(set.within({ first: 0n, last: 45n }), all);
        assert.deepEqual(set.within(window), subtract([window], subtract([window], all)));
        const usable = normalise(wanted);
        const free = subtract(usable, all);
        assert.equal(set.firstFree(usable), free[0]?.first);
        const later = subtract(free, [{ first: -1n, last: from - 1n }]);
        assert.equal(set.firstFree(usable, from), later[0]?.first);
        assert.equal(later.length > 0 && !has(later, later[0]?.first ?? -1n), false);
      },
    ),
  );
});
