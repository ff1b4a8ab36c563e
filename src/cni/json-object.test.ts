import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson, parseShallowJson } from './json-object.ts';

test('parseShallowJson() reads what JSON.parse() reads', () => {
  fc.assert(
    fc.property(fc.json(), text => {
      assert.deepEqual(parseShallowJson(text), JSON.parse(text));
    }),
  );
});

test('parseShallowJson() counts levels, and no brackets inside strings', () => {
  const nest = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  assert.equal(JSON.stringify(parseShallowJson(nest(100))), nest(100));
  assert.throws(() => parseShallowJson(nest(101)), /nested deeper than 100 levels/);
  const text = `"\\"${'['.repeat(200)}\\\\"`;
  assert.equal(parseShallowJson(text), JSON.parse(text));
  assert.throws(() => parseShallowJson(`{"a\\\\":${nest(101)}}`), /nested deeper/);
});

test('parseShallowJson() ends soon with a text of nothing but escapes', () => {
  assert.throws(() => parseShallowJson(`["${'\\"'.repeat(500_000)}`), SyntaxError);
});

test('parseJson() names the source of what is nested too deep', () => {
  assert.throws(() => parseJson('{"a":'.repeat(100_000), 'network configuration on stdin'), {
    code: 'CNI_DECODING_FAILURE',
    message: 'Cannot use network configuration on stdin: not JSON: it is nested deeper than 100 levels',
  });
});
