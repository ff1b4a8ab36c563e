import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunner } from './run/run.ts';
import { formatFailure, runSeeds } from './run/run-seeds.ts';

/** Set by the person who looks into a failure: that run alone. */
const given = process.env['UNDERLANE_MODEL_SEED'];
/** 10,000 runs, in shares that each end within the time limit of a test on a busy machine. */
const SHARES = given === undefined ? 8 : 1;
const RUNS = given === undefined ? 1_250 : 1;
/** Always the same ones, so that a failure is a change's. New seeds are the soak's (`npm run soak`). */
const FIRST_SEED = given === undefined ? 500_000_000 : Number(given);

for (let share = 0; share < SHARES; share++) {
  test(`no address twice, none lost, whatever happens in which order (share ${share + 1} of ${SHARES})`, async t => {
    const first = FIRST_SEED + share * RUNS;
    t.diagnostic(`${RUNS} runs, seeds from ${first}`);
    const failures = await runSeeds({
      first,
      count: RUNS,
      onProgress: done => process.stderr.write(`${done} of ${RUNS} runs, seeds from ${first}\n`),
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
