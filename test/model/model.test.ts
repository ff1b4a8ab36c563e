import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunner } from './run.ts';
import { formatFailure, runSeeds } from './run-seeds.ts';

/** Set by the person who looks into a failure: that run alone. */
const given = process.env['UNDERLANE_MODEL_SEED'];
/** Tests have a time limit each. */
const SHARE = given === undefined ? 1_000 : 1;
/** The first seed of each share: always the same ones, so that a failure is a change's. New seeds are the soak's (`npm run soak`). */
const FIRST_SEEDS =
  given === undefined
    ? [90_000_000, 90_001_000, 90_002_000, 90_003_000, 91_000_000, 91_001_000, 91_002_000, 91_003_000]
    : [Number(given)];

for (const first of FIRST_SEEDS) {
  test(`no address twice, none lost, whatever happens in which order (${SHARE} seeds from ${first})`, async () => {
    const failures = await runSeeds({
      first,
      count: SHARE,
      onProgress: done => process.stderr.write(`${done} of ${SHARE} runs, seeds from ${first}\n`),
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
