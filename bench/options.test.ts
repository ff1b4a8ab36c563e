import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBenchOptions } from './options.ts';

test('parseBenchOptions() runs every scenario unless told which', () => {
  assert.deepEqual(parseBenchOptions([]), {
    runs: 40,
    only: ['attach', 'pods', 'loop', 'memory', 'addresses'],
    format: 'table',
  });
  assert.deepEqual(parseBenchOptions(['--only', 'loop,attach', '--against', '/other', '-o', 'json', '--runs', '5']), {
    runs: 5,
    only: ['loop', 'attach'],
    against: '/other',
    format: 'json',
  });
});

test('parseBenchOptions() names the option and what was expected', () => {
  assert.throws(() => parseBenchOptions(['--only', 'attach,sleep']), /--only "sleep": expected attach, pods/);
  assert.throws(() => parseBenchOptions(['--runs', '0']), /--runs "0": expected a whole number from 1/);
  assert.throws(() => parseBenchOptions(['-o', 'yaml']), /-o "yaml": expected table or json/);
});
