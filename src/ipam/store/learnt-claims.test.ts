import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLearntClaims, type FoundClaim } from './learnt-claims.ts';

const on = (node: string, ...values: readonly bigint[]): readonly FoundClaim[] =>
  values.map(value => ({ value, node }));

test('ask() of several at once is heard once, and once more for all that came meanwhile', async () => {
  const learnt = createLearntClaims({ now: () => 0 });
  const answers: ((found: readonly FoundClaim[]) => void)[] = [];
  const survey = () => new Promise<readonly FoundClaim[]>(resolve => answers.push(resolve));
  learnt.note({ value: 1n, node: 'n1' });
  const first = learnt.ask(survey);
  const others = [learnt.ask(survey), learnt.ask(survey)];
  learnt.note({ value: 2n, node: 'n1' });
  answers[0]?.(on('n1', 3n));
  await first;
  assert.deepEqual(
    [1n, 2n, 3n].map(value => learnt.taken.has(value)),
    [false, true, true],
    'the answer, and what was noted while it was under way',
  );
  await new Promise(resolve => setImmediate(resolve));
  assert.equal(answers.length, 2);
  answers[1]?.(on('n1', 4n));
  await Promise.all(others);
  assert.deepEqual(
    [2n, 3n, 4n].map(value => learnt.taken.has(value)),
    [false, false, true],
  );
});

test('ask() that fails says so to all who wait for it, and the next one is heard', async () => {
  const learnt = createLearntClaims({ now: () => 0 });
  learnt.note({ value: 1n, node: 'n1' });
  await assert.rejects(
    learnt.ask(() => Promise.reject(new Error('away'))),
    /away/,
  );
  assert.ok(learnt.taken.has(1n));
  await learnt.ask(async () => on('n1', 2n));
  assert.deepEqual([learnt.taken.has(1n), learnt.taken.has(2n)], [false, true]);
});

test('what was learnt is forgotten after five minutes', () => {
  let now = 0;
  const learnt = createLearntClaims({ now: () => now });
  learnt.note({ value: 1n, node: 'n1' });
  now = 300_000;
  assert.ok(learnt.taken.has(1n));
  now++;
  assert.ok(!learnt.taken.has(1n));
  assert.equal(learnt.taken.firstFree([{ first: 1n, last: 9n }]), 1n);
});

test('ask() asks for nothing older than the newest claim that was lost to', async () => {
  const learnt = createLearntClaims({ now: () => 0 });
  const asked: string[] = [];
  const survey = async (notOlderThan: string): Promise<readonly FoundClaim[]> => {
    asked.push(notOlderThan);
    return [];
  };
  await learnt.ask(survey);
  learnt.note({ value: 1n, node: 'n1' }, '900');
  learnt.note({ value: 2n, node: 'n2' }, '1000');
  learnt.note({ value: 3n, node: 'n2' }, '11');
  await learnt.ask(survey);
  assert.deepEqual(asked, ['0', '1000']);
});

test('rivals are the nodes of what was found, until the next answer', async () => {
  const learnt = createLearntClaims({ now: () => 0 });
  learnt.note({ value: 1n, node: 'n1' });
  assert.deepEqual([...learnt.rivals()], ['n1']);
  await learnt.ask(async () => [...on('n2', 2n, 3n), ...on('n3', 4n)]);
  assert.deepEqual([...learnt.rivals()], ['n2', 'n3']);
});
