import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createGrowingSet, type GrowingSet, type IntervalSet, normalise } from '#ip';
import { candidates as candidatesIn, type PoolKnowledge } from './candidates.ts';

const ref = { dialect: 'whereabouts', kind: 'IPPool', name: '10.0.0.0-24' };

function poolOf(usable: IntervalSet) {
  return { scope: 'default', ref, usable };
}

function members(usable: IntervalSet): bigint[] {
  return usable.flatMap(({ first, last }) =>
    Array.from({ length: Number(last - first) + 1 }, (_, index) => first + BigInt(index)),
  );
}

function candidates(pool: ReturnType<typeof poolOf>, owner: string, knowledge: PoolKnowledge, node = 'n1') {
  return candidatesIn(pool, { owner, node }, knowledge, 'spread');
}

function setOf(values: Iterable<bigint> = []): GrowingSet {
  const set = createGrowingSet();
  for (const value of values) set.add(value);
  return set;
}

const anyUsable = fc
  .array(fc.tuple(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: 80n })), { maxLength: 5 })
  .map(parts => normalise(parts.map(([first, size]) => ({ first, last: first + size }))));
const anyValues = fc.uniqueArray(fc.bigInt({ min: 0n, max: 400n }), { maxLength: 300 });

test('candidates() gives every usable address that is not taken exactly once, cooling ones last and oldest first', () => {
  fc.assert(
    fc.property(anyUsable, anyValues, anyValues, fc.string(), (usable, takenList, coolingList, owner) => {
      const taken = new Set(takenList);
      const cooling = new Set(coolingList);
      const got = [...candidates(poolOf(usable), owner, { taken: setOf(takenList), cooling })];
      const free = members(usable).filter(value => !taken.has(value));
      const fresh = free.filter(value => !cooling.has(value));
      assert.deepEqual(new Set(got.slice(0, fresh.length)), new Set(fresh));
      assert.deepEqual(
        got.slice(fresh.length),
        coolingList.filter(value => free.includes(value)),
      );
      assert.equal(got.length, free.length);
    }),
    { numRuns: 500 },
  );
});

test('candidates() gives two racers for one attachment the same order', () => {
  const pool = poolOf([{ first: 0n, last: 999n }]);
  const nothing = { taken: setOf(), cooling: new Set<bigint>() };
  assert.deepEqual([...candidates(pool, 'a', nothing)], [...candidates(pool, 'a', nothing)]);
});

test('candidates() keeps its order when others are taken meanwhile', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.bigInt({ min: 0n, max: 199n }), { maxLength: 40 }), takenList => {
      const pool = poolOf([{ first: 0n, last: 199n }]);
      const all = [...candidates(pool, 'a', { taken: setOf(), cooling: new Set() })];
      const taken = new Set(takenList);
      assert.deepEqual(
        [...candidates(pool, 'a', { taken: setOf(taken), cooling: new Set() })],
        all.filter(value => !taken.has(value)),
      );
    }),
  );
});

test('candidates() gives nothing twice when it changes over to looking for gaps', () => {
  const pool = poolOf([{ first: 0n, last: 199n }]);
  const order = [...candidates(pool, 'a', { taken: setOf(), cooling: new Set() })];
  // Some free ones, a long run of taken ones, and free ones again.
  const taken = new Set(order.slice(10, 120));
  const got = [...candidates(pool, 'a', { taken: setOf(taken), cooling: new Set() })];
  assert.deepEqual(got.slice(0, 10), order.slice(0, 10));
  assert.deepEqual(new Set(got), new Set(order.filter(value => !taken.has(value))));
  assert.equal(got.length, 90);
});

test('candidates() spreads racers for different attachments', () => {
  const pool = poolOf([{ first: 0n, last: 9_999n }]);
  const firsts = new Set<bigint | undefined>();
  for (let owner = 0; owner < 100; owner++) {
    const [first] = candidates(pool, `owner ${owner}`, { taken: setOf(), cooling: new Set() });
    firsts.add(first);
  }
  assert.ok(firsts.size > 50, `100 owners begin at ${firsts.size} addresses`);
});

test('candidates() lets nodes that know of each other fill a pool without ever meeting', () => {
  const pool = poolOf([{ first: 0n, last: 1_023n }]);
  const nodes = Array.from({ length: 8 }, (_, node) => `n${node}`);
  const rivals = (): ReadonlySet<string> => new Set(nodes);
  const holders = new Map<bigint, string>();
  for (const node of nodes) {
    // All that this node would take, had it as much as each of the others, as long as nobody tells it of what they hold.
    const own = [...candidatesIn(pool, { owner: 'a', node, rivals }, { taken: setOf(), cooling: new Set() }, 'spread')];
    for (const value of own.slice(0, 128)) {
      assert.equal(holders.get(value), undefined, `${value} is for ${node} and for ${holders.get(value)}`);
      holders.set(value, node);
    }
    assert.deepEqual(new Set(own), new Set(members(pool.usable)), 'in the end every address is tried');
  }
  assert.equal(holders.size, 1_024);
});

test('candidates() lets each node begin where others do not', () => {
  const pool = poolOf([{ first: 0n, last: 999n }]);
  const nothing = { taken: setOf(), cooling: new Set<bigint>() };
  const parts = Array.from({ length: 10 }, (_, node) => {
    const firsts = Array.from({ length: 8 }, (_, owner) => {
      const [first = 0n] = candidates(pool, `owner ${owner} of ${node}`, nothing, `n${node}`);
      return first / 16n;
    });
    assert.equal(new Set(firsts).size, 1, 'all of a node in one part');
    return firsts[0];
  });
  assert.ok(new Set(parts).size >= 8, `10 nodes begin in ${new Set(parts).size} parts`);
});

test('candidates() looks at what is taken again before each address', () => {
  const taken = setOf();
  const walk = candidates(poolOf([{ first: 0n, last: 2n }]), 'a', { taken, cooling: new Set() });
  const first = walk.next().value;
  const [second, third] = [0n, 1n, 2n].filter(value => value !== first);
  taken.add(second ?? 0n);
  assert.deepEqual([...walk], [third]);
});

/** Counts look-ups: cost without a clock. */
function counting(set: GrowingSet): GrowingSet & { readonly lookups: number } {
  let lookups = 0;
  return {
    ...set,
    get lookups() {
      return lookups;
    },
    has(value) {
      lookups++;
      return set.has(value);
    },
  };
}

test('candidates() costs nothing for a /8, a /64 or a whole IPv6 space, full /16 included', () => {
  for (const last of [2n ** 24n, 2n ** 64n, 2n ** 128n - 1n]) {
    const taken = counting(setOf());
    const [first] = candidates(poolOf([{ first: 0n, last }]), 'a', { taken, cooling: new Set() });
    assert.ok(first !== undefined && first >= 0n && first <= last);
    assert.ok(taken.lookups <= 2);
  }
  const full = setOf(members([{ first: 0n, last: 65_535n }]));
  full.remove(4_711n);
  const taken = counting(full);
  assert.deepEqual(
    [...candidates(poolOf([{ first: 0n, last: 65_535n }]), 'a', { taken, cooling: new Set() })],
    [4_711n],
  );
  assert.ok(taken.lookups < 200, `${taken.lookups} look-ups`);
});

test('candidates() in ascending order: lowest first, whatever was released, or that last', () => {
  fc.assert(
    fc.property(anyUsable, anyValues, anyValues, (usable, takenList, coolingList) => {
      const knowledge = { taken: setOf(takenList), cooling: new Set(coolingList) };
      const free = members(usable).filter(value => !takenList.includes(value));
      assert.deepEqual([...candidatesIn(poolOf(usable), { owner: 'a', node: 'n1' }, knowledge, 'lowest')], free);
      assert.deepEqual(
        [...candidatesIn(poolOf(usable), { owner: 'a', node: 'n1' }, knowledge, 'unused-first')],
        [...free.filter(value => !coolingList.includes(value)), ...coolingList.filter(value => free.includes(value))],
      );
    }),
  );
});

test('candidates() of an empty pool and of a single address', () => {
  assert.deepEqual([...candidates(poolOf([]), 'a', { taken: setOf(), cooling: new Set() })], []);
  const one = poolOf([{ first: 7n, last: 7n }]);
  assert.deepEqual([...candidates(one, 'a', { taken: setOf(), cooling: new Set() })], [7n]);
  assert.deepEqual([...candidates(one, 'a', { taken: setOf([7n]), cooling: new Set() })], []);
});
