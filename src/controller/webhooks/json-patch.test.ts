import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonPatch } from '../../sandbox/apiserver/json-patch.ts';
import { toJsonPatch } from './json-patch.ts';

test('toJsonPatch() adds, replaces and removes fields, and replaces lists', () => {
  const before = { a: 1, gone: true, 'x/y~z': { k: 'v' }, list: [1, 2] };
  const after = { a: 2, 'x/y~z': { k: 'w', n: null }, list: [1], nothing: undefined };
  assert.deepEqual(toJsonPatch(before, after), [
    { op: 'replace', path: '/a', value: 2 },
    { op: 'remove', path: '/gone' },
    { op: 'replace', path: '/x~1y~0z/k', value: 'w' },
    { op: 'add', path: '/x~1y~0z/n', value: null },
    { op: 'replace', path: '/list', value: [1] },
  ]);
  assert.deepEqual(toJsonPatch(before, { list: [1, 2], 'x/y~z': { k: 'v' }, gone: true, a: 1 }), []);
});

test('toJsonPatch() makes any object of any other', () => {
  const json = fc.dictionary(fc.constantFrom('a', 'b', 'c/d', 'e~f'), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(
    fc.property(json, json, (a, b) => {
      // As they come over the wire.
      const [before, after] = [a, b].map(value => JSON.parse(JSON.stringify(value)));
      assert.deepEqual(jsonPatch(before, toJsonPatch(before, after)), after);
    }),
  );
});
