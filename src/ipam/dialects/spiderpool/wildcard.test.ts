import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileWildcard, isWildcard } from './wildcard.ts';

const CASES: readonly [pattern: string, matching: readonly string[], others: readonly string[]][] = [
  ['*', ['a', 'pool-1', ''], []],
  ['pool-*', ['pool-', 'pool-1', 'pool-a.b'], ['pool', 'xpool-1']],
  ['pool-?', ['pool-1'], ['pool-', 'pool-12']],
  ['pool-[12]', ['pool-1', 'pool-2'], ['pool-3', 'pool-']],
  ['pool-[a-c]', ['pool-a', 'pool-b'], ['pool-d']],
  ['pool-[^a-c]', ['pool-d', 'pool-1'], ['pool-a', 'pool-']],
  ['a.b', ['a.b'], ['axb']],
  ['pool\\*', ['pool*'], ['pool1']],
  ['[a-]', [], []],
  ['pool[', [], []],
  ['[]', [], []],
  ['[b-a]', [], []],
];

for (const [pattern, matching, others] of CASES) {
  test(`compileWildcard() of ${JSON.stringify(pattern)}`, () => {
    const matches = compileWildcard(pattern);
    if (matching.length === 0) return assert.equal(matches, undefined);
    for (const name of matching) assert.equal(matches?.(name), true, name);
    for (const name of others) assert.equal(matches?.(name), false, name);
  });
}

test('isWildcard() knows a name from a pattern', () => {
  assert.deepEqual(['pool-1', 'pool.a', 'p*', 'p?', 'p[1]'].map(isWildcard), [false, false, true, true, true]);
});

test('compileWildcard() needs no longer for many stars', () => {
  const matches = compileWildcard(`${'*a'.repeat(500)}b`);
  assert.equal(matches?.('a'.repeat(253)), false);
});
