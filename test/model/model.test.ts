import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunner } from './run.ts';
import { formatFailure, runSeeds } from './run-seeds.ts';

/** Set by the person who looks into a failure: that run alone. */
const given = process.env['UNDERLANE_MODEL_SEED'];
const first = given === undefined ? 1 + Math.floor(Math.random() * 2 ** 31) : Number(given);
const count = given === undefined ? 10_000 : 1;
/** Tests have a time limit each. */
const SHARE = 1_000;

for (let from = first; from < first + count; from += SHARE) {
  const share = Math.min(SHARE, count);
  test(`no address twice, none lost, whatever happens in which order (${share} seeds from ${from})`, async () => {
    const failures = await runSeeds({
      first: from,
      count: share,
      onProgress: done => process.stderr.write(`${done} of ${share} runs, seeds from ${from}\n`),
    });
    assert.deepEqual(failures, [], failures.map(formatFailure).join('\n\n'));
  });
}

test('a run depends on its seed alone', async () => {
  const runner = createRunner();
  for (const seed of [1, 2, 3]) {
    const { recorded } = await runner.random(seed);
    await runner.random(seed + 1_000);
    const [once, again] = [await runner.repeat(recorded, true), await createRunner().repeat(recorded, true)];
    assert.ok(once.trace.length > 20);
    assert.deepEqual(once.trace, again.trace);
  }
});
