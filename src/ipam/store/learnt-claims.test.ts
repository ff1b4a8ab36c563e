import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLearntClaims } from './learnt-claims.ts';

test('ask() of several at once is heard once, and once more for all that came meanwhile', async () => {
  const learnt = createLearntClaims({ now: () => 0 });
  const answers: ((values: readonly bigint[]) => void)[] = [];
  const survey = () => new Promise<readonly bigint[]>(resolve => answers.push(resolve));
  learnt.note(1n);
  const first = learnt.ask(survey);
  const others = [learnt.ask(survey), learnt.ask(survey)];
  learnt.note(2n);
  answers[0]?.([3n]);
  await first;
  assert.deepEqual(
    [1n, 2n, 3n].map(value => learnt.taken.has(value)),
    [false, true, true],
    'the answer, and what was noted while it was under way',
  );
  await new Promise(resolve => setImmediate(resolve));
  assert.equal(answers.length, 2);
  answers[1]?.([4n]);
  await Promise.all(others);
  assert.deepEqual(
    [2n, 3n, 4n].map(value => learnt.taken.has(value)),
    [false, false, true],
  );
});

test('ask() that fails says so to all who wait for it, and the next one is heard', async () => {
  const learnt = createLearntClaims({ now: () => 0 });
  learnt.note(1n);
  await assert.rejects(
    learnt.ask(() => Promise.reject(new Error('away'))),
    /away/,
  );
  assert.ok(learnt.taken.has(1n));
  await learnt.ask(async () => [2n]);
  assert.deepEqual([learnt.taken.has(1n), learnt.taken.has(2n)], [false, true]);
});

test('what was learnt is forgotten after five minutes', () => {
  let now = 0;
  const learnt = createLearntClaims({ now: () => now });
  learnt.note(1n);
  now = 300_000;
  assert.ok(learnt.taken.has(1n));
  now++;
  assert.ok(!learnt.taken.has(1n));
  assert.equal(learnt.taken.firstFree([{ first: 1n, last: 9n }]), 1n);
});
