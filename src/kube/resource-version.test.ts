import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOlder } from './resource-version.ts';

test('isOlder() compares versions as numbers, however long, and does not know of others', () => {
  assert.equal(isOlder('99', '100'), true);
  assert.equal(isOlder('100', '99'), false);
  assert.equal(isOlder('100', '100'), false);
  assert.equal(isOlder('9007199254740992', '9007199254740993'), true);
  assert.equal(isOlder('', '1'), undefined);
  assert.equal(isOlder('1', 'abc'), undefined);
});
