import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions, UsageError } from './options.ts';

test('parseOptions() runs everything by default', () => {
  const expected = { rings: undefined, filter: undefined, requiredRings: [], isVerbose: false };
  assert.deepEqual(parseOptions([], {}), expected);
});

test('parseOptions() takes rings, a filter and the required rings', () => {
  const options = parseOptions(['--ring', '1', '--ring', '2', '--filter', 'netlink'], {
    UNDERLANE_REQUIRE_RINGS: '0,1',
  });
  assert.deepEqual(options, { rings: ['1', '2'], filter: 'netlink', requiredRings: ['0', '1'], isVerbose: false });
});

test('parseOptions() refuses rings and flags that do not exist', () => {
  assert.throws(() => parseOptions(['--ring', '9'], {}), {
    constructor: UsageError,
    message: /Unknown ring "9": expected one of 0, 1/,
  });
  assert.throws(() => parseOptions([], { UNDERLANE_REQUIRE_RINGS: 'all' }), {
    constructor: UsageError,
    message: /"all"/,
  });
  assert.throws(() => parseOptions(['--rings'], {}), { constructor: UsageError, message: /--rings/ });
});
