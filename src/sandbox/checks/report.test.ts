import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CheckRow, checkFailed, runCheck, skippedRow } from './check.ts';
import { createReport } from './report.ts';

const passed: CheckRow = { name: 'pod to pod', family: 'IPv6', from: 'a', to: 'b', ok: true, ms: 1.5, error: null };
const failed: CheckRow = { ...passed, ok: false, error: 'no answer' };

function report(json: boolean): {
  written: { stdout: string; stderr: string };
  report: ReturnType<typeof createReport>;
} {
  const written = { stdout: '', stderr: '' };
  return {
    written,
    report: createReport({
      json,
      stdout: text => {
        written.stdout += text;
      },
      stderr: text => {
        written.stderr += text;
      },
    }),
  };
}

test('with json, stdout holds exactly one line', () => {
  const { written, report: told } = report(true);
  told.progress('starting');
  told.row(passed);
  told.row(failed);
  told.summary([passed, failed]);
  assert.equal(written.stdout, `${JSON.stringify({ ok: false, checks: [passed, failed] })}\n`);
  assert.match(written.stderr, /1 checks passed, 1 failed, 0 skipped/);
});

test("without json, stdout holds the table with each failure's reason", () => {
  const { written, report: told } = report(false);
  told.row(failed);
  told.row(skippedRow({ name: 'ipvlan', family: null, from: 'a', to: 'b' }, 'kernel lacks ipvlan'));
  assert.match(written.stdout, /FAIL pod to pod +IPv6 a .*\n +no answer\n/);
  assert.match(written.stdout, /skip ipvlan .*\n +skipped: kernel lacks ipvlan\n/);
});

test('a skipped row counts neither as passed nor as failed', () => {
  const { written, report: told } = report(true);
  told.summary([passed, skippedRow({ name: 'ipvlan', family: null, from: 'a', to: 'b' }, 'kernel lacks ipvlan')]);
  assert.match(written.stderr, /1 checks passed, 0 failed, 1 skipped/);
  assert.equal((JSON.parse(written.stdout) as { ok: boolean }).ok, true);
});

test('runCheck() tries again until it passes', async () => {
  let attempts = 0;
  const attempt = async (): Promise<number> => {
    if (++attempts < 3) throw checkFailed('not yet');
    return 7;
  };
  assert.deepEqual(await runCheck({ ...passed, attempt }, 5_000), { ...passed, ms: 7 });
});

test('runCheck() gives the last reason when the time is up', async () => {
  const attempt = (): Promise<number> => Promise.reject(checkFailed('never'));
  const row = await runCheck({ ...passed, attempt }, 0);
  assert.deepEqual([row.ok, row.error], [false, 'never']);
});
