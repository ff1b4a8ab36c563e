import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeWrongValue, showValue } from './wrong-value.ts';

test('describeWrongValue() names object, field, value and what was expected', () => {
  assert.equal(
    describeWrongValue({ doing: 'use plugin "vlan"', field: 'vlanId', value: 5000, expected: '0 to 4094' }),
    'Cannot use plugin "vlan": vlanId is 5000, expected 0 to 4094',
  );
});

test('showValue() shows JSON, cuts what is long, and says what is missing', () => {
  assert.equal(showValue({ a: ['b'] }), '{"a":["b"]}');
  assert.equal(showValue('x'.repeat(100)), `"${'x'.repeat(79)}...`);
  assert.equal(showValue(undefined), 'missing');
  assert.equal(
    showValue(() => 1),
    'function',
  );
});

test('showValue() shows characters that nobody would see', () => {
  assert.equal(showValue('a\u202eb\ufeff\n\u009b'), '"a\\u{202e}b\\u{feff}\\n\\u{9b}"');
});

test('showValue() shows the beginning of what is nested deeper than any stack', () => {
  const depth = 100_000;
  assert.equal(showValue(JSON.parse('['.repeat(depth) + ']'.repeat(depth))), `${'['.repeat(80)}...`);
});
