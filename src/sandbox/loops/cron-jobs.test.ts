import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CronJob, Job } from '../workloads.ts';
import { planCronJob } from './cron-jobs.ts';
import { namesOf, stored, template } from './test-objects.ts';

const NOW = new Date('2026-03-01T04:25:30Z');
const LAST = '2026-03-01T04:10:00Z';

function cron(spec: Partial<CronJob['spec']> = {}, lastScheduleTime = LAST): CronJob {
  return {
    ...stored<CronJob>({
      metadata: { name: 'tick', namespace: 'shop' },
      spec: { schedule: '*/10 * * * *', jobTemplate: { spec: { template: template() } }, ...spec },
    }),
    status: { lastScheduleTime },
  };
}

/** A Job that the CronJob made at this time. */
function madeBy(owner: CronJob, minute: string, end?: 'Complete' | 'Failed'): Job {
  const { create } = planCronJob(
    { ...owner, spec: { ...owner.spec, suspend: false, schedule: '* * * * *' } },
    [],
    new Date(minute),
  );
  assert.ok(create);
  return {
    ...stored(create),
    status: end === undefined ? {} : { conditions: [{ type: end, status: 'True' }] },
  };
}

test('planCronJob() makes one Job for the last time that is due, and writes which', () => {
  const owner = cron({}, '2026-03-01T01:00:00Z');
  const { create, status } = planCronJob(owner, [], NOW);
  assert.equal(create?.metadata.name, `tick-${Date.parse('2026-03-01T04:20:00Z') / 60_000}`);
  assert.deepEqual(
    create.metadata.ownerReferences?.map(({ kind, uid }) => [kind, uid]),
    [['CronJob', owner.metadata.uid]],
  );
  assert.deepEqual(create.spec, owner.spec.jobTemplate.spec);
  assert.equal(status['lastScheduleTime'], '2026-03-01T04:20:00Z');
  assert.equal(planCronJob(cron({}, '2026-03-01T04:20:00Z'), [], NOW).create, undefined);
});

test('planCronJob() makes none while it is suspended, too late, or the last one still runs and must not be joined', () => {
  assert.equal(planCronJob(cron({ suspend: true }), [], NOW).create, undefined);
  assert.equal(planCronJob(cron({ startingDeadlineSeconds: 60 }), [], NOW).create, undefined);
  assert.ok(planCronJob(cron({ startingDeadlineSeconds: 600 }), [], NOW).create);
  const forbidding = cron({ concurrencyPolicy: 'Forbid' });
  const running = madeBy(forbidding, '2026-03-01T04:11:00Z');
  const plan = planCronJob(forbidding, [running], NOW);
  assert.deepEqual([plan.create, plan.status['lastScheduleTime']], [undefined, undefined]);
  assert.ok(
    planCronJob(forbidding, [{ ...running, status: { conditions: [{ type: 'Complete', status: 'True' }] } }], NOW)
      .create,
  );
});

test('planCronJob() replaces the one that runs where it is told to, and else lists both', () => {
  const replacing = cron({ concurrencyPolicy: 'Replace' });
  const running = madeBy(replacing, '2026-03-01T04:11:00Z');
  const replaced = planCronJob(replacing, [running], NOW);
  assert.ok(replaced.create);
  assert.deepEqual([namesOf(replaced.remove), replaced.status['active']], [namesOf([running]), []]);
  const allowing = { ...replacing, spec: { ...replacing.spec, concurrencyPolicy: 'Allow' as const } };
  const plan = planCronJob(allowing, [running], NOW);
  assert.ok(plan.create);
  assert.deepEqual(plan.remove, []);
  assert.equal((plan.status['active'] as readonly unknown[]).length, 1);
});

test('planCronJob() keeps the last three that succeeded and the last that failed, and those of others', () => {
  const owner = cron({ suspend: true });
  const minutes = ['11', '12', '13', '14', '15'].map(minute => `2026-03-01T04:${minute}:00Z`);
  const complete = minutes.map(minute => madeBy(owner, minute, 'Complete'));
  const failed = minutes.slice(0, 2).map(minute => madeBy(owner, minute, 'Failed'));
  const others = madeBy(cron(), minutes[0] ?? '', 'Complete');
  const { remove } = planCronJob(owner, [...complete, ...failed, others], NOW);
  assert.deepEqual(namesOf(remove).sort(), namesOf([...complete.slice(0, 2), ...failed.slice(0, 1)]).sort());
  assert.ok(!remove.includes(others));
});
