import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { errnoName } from './errno.ts';

/** Second names of a number: the list holds the first. */
const ALIASES = new Set(['EWOULDBLOCK', 'EDEADLOCK', 'ENOTSUP']);

test('errnoName() agrees with the C library that Node was built with', () => {
  const names = Object.entries(constants.errno).filter(([name]) => !ALIASES.has(name));
  assert.ok(names.length > 70);
  for (const [name, number] of names) assert.equal(errnoName(number), name);
});

test('errnoName() ignores the sign', () => {
  assert.equal(errnoName(-19), 'ENODEV');
  assert.equal(errnoName(133), 'EHWPOISON');
});

test('errnoName() names unknown numbers by their number', () => {
  assert.equal(errnoName(41), 'E41');
  assert.equal(errnoName(-4095), 'E4095');
});
