import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemembered } from './remembered.ts';

test('remember() asks once for all who ask within a moment, and then again', async () => {
  let now = 0;
  const { remember } = createRemembered({ now: () => now });
  let asked = 0;
  const find = async (): Promise<number> => ++asked;
  assert.deepEqual(await Promise.all([remember('a', find), remember('a', find)]), [1, 1]);
  assert.equal(await remember('b', find), 2);
  now = 9_999;
  assert.equal(await remember('a', find), 1);
  now = 10_000;
  assert.equal(await remember('a', find), 3);
});

test('remember() forgets failures, and all but the last 1,000 answers', async () => {
  const { remember } = createRemembered({ now: () => 0 });
  await assert.rejects(
    remember('a', () => Promise.reject(new Error('away'))),
    /away/,
  );
  assert.equal(await remember('a', async () => 'here'), 'here');
  for (let index = 0; index < 1000; index++) await remember(`key ${index}`, async () => index);
  assert.equal(await remember('a', async () => 'again'), 'again');
});
