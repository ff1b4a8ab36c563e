import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../workloads.ts';
import { planJob, podOfJob } from './jobs.ts';
import { inPhase, ready, stored, template } from './test-objects.ts';

const NOW = '2025-01-01T00:00:00Z';
const base = stored<Job>({
  metadata: { name: 'once', namespace: 'default' },
  spec: { completions: 3, parallelism: 2, backoffLimit: 1, template: template() },
});
const done = (job = base) => inPhase(stored(podOfJob(job)), 'Succeeded');
const failed = (job = base) => inPhase(stored(podOfJob(job)), 'Failed');

function ends(job: Job, pods: Parameters<typeof planJob>[1]): unknown {
  const conditions = planJob(job, pods, NOW).status['conditions'] as readonly { readonly type: string }[] | undefined;
  return conditions?.map(({ type }) => type);
}

test('planJob() runs as many at once as it may, and no more than are missing', () => {
  assert.equal(planJob(base, [], NOW).create, 2);
  assert.equal(planJob(base, [done(), ready(stored(podOfJob(base)))], NOW).create, 1);
  assert.equal(planJob(base, [done(), done()], NOW).create, 1);
  assert.equal(planJob({ ...base, spec: { ...base.spec, suspend: true } }, [], NOW).create, 0);
});

test('planJob() ends with the last success, and keeps the pods that ended', () => {
  const pods = [done(), done(), done()];
  assert.deepEqual(ends(base, pods), ['Complete']);
  assert.deepEqual(planJob(base, pods, NOW).remove, []);
  assert.equal(planJob(base, pods, NOW).status['completionTime'], NOW);
});

test('planJob() gives up after too many failures, and stops what still runs', () => {
  const running = ready(stored(podOfJob(base)));
  assert.deepEqual(ends(base, [failed()]), undefined);
  const plan = planJob(base, [failed(), failed(), running], NOW);
  assert.deepEqual([plan.create, plan.remove.length, ends(base, [failed(), failed(), running])], [0, 1, ['Failed']]);
});

test('planJob() that has ended stays so, whatever becomes of its pods', () => {
  const ended = { ...base, status: { startTime: NOW, conditions: [{ type: 'Complete', status: 'True' }] } };
  const plan = planJob(ended, [], 'later');
  assert.deepEqual([plan.create, plan.status['conditions'], plan.status['startTime']], [0, undefined, undefined]);
});

test('planJob() without a number of completions ends when one has succeeded and all have ended', () => {
  const { completions: _, ...spec } = base.spec;
  const queue = { ...base, spec };
  const running = ready(stored(podOfJob(queue)));
  assert.equal(planJob(queue, [], NOW).create, 2);
  const plan = planJob(queue, [done(queue), running], NOW);
  assert.deepEqual([plan.create, plan.remove.length, ends(queue, [done(queue), running])], [0, 0, undefined]);
  assert.deepEqual(ends(queue, [done(queue), done(queue)]), ['Complete']);
});
