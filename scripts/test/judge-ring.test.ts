import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JudgeInput, judgeRing } from './judge-ring.ts';
import type { TestOutcome } from './ring.ts';

function outcome(status: TestOutcome['status'], name: string = status): TestOutcome {
  return { name, status, ms: 1, ...(status === 'skipped' ? { detail: 'needs root to own' } : {}) };
}

function input(rest: Partial<JudgeInput>): JudgeInput {
  const ring = { id: '2', name: 'kernel' };
  return { ring, outcome: { kind: 'ran', tests: [] }, isRequired: false, pinnedSkips: undefined, seconds: 1, ...rest };
}

const ROOT = { because: 'needs root', most: 1 };

test('judgeRing() counts each status', () => {
  const tests = [outcome('passed'), outcome('passed', 'other'), outcome('failed'), outcome('skipped')];
  const report = judgeRing(input({ outcome: { kind: 'ran', tests }, pinnedSkips: [ROOT] }));
  assert.deepEqual([report.passed, report.failed, report.skipped, report.remarks], [2, 1, 1, []]);
});

test('judgeRing() fails a ring that skips more than is pinned for the reason', () => {
  const tests = [outcome('skipped'), outcome('skipped', 'other')];
  const report = judgeRing(input({ outcome: { kind: 'ran', tests }, pinnedSkips: [ROOT] }));
  assert.equal(report.failed, 1);
  assert.match(
    report.remarks[0] ?? '',
    /2 tests were skipped because "needs root to own", test\/skipped.json allows 1/,
  );
});

test('judgeRing() fails a ring that skips for a reason that is not pinned', () => {
  const tests = [outcome('skipped'), { ...outcome('skipped'), detail: 'no time' }];
  const report = judgeRing(input({ outcome: { kind: 'ran', tests }, pinnedSkips: [ROOT] }));
  assert.equal(report.failed, 1);
  assert.match(report.remarks[0] ?? '', /1 tests were skipped because "no time", test\/skipped.json allows 0/);
});

test('judgeRing() judges no pin when only a part of the tests ran', () => {
  const report = judgeRing(input({ outcome: { kind: 'ran', tests: [outcome('skipped')] } }));
  assert.deepEqual([report.failed, report.skipped, report.remarks], [0, 1, []]);
});

test('judgeRing() skips a ring that cannot run, and fails it where it is required', () => {
  const unable = { kind: 'unable', reason: 'no namespaces' } as const;
  const optional = judgeRing(input({ outcome: unable, pinnedSkips: [] }));
  assert.deepEqual([optional.failed, optional.skipped], [0, 1]);
  const required = judgeRing(input({ outcome: unable, isRequired: true }));
  assert.deepEqual([required.failed, required.skipped], [1, 0]);
  assert.match(required.remarks[0] ?? '', /Cannot run ring 2 kernel: no namespaces/);
});
