import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestOutcome } from './ring.ts';
import { runTestFiles } from './run-test-files.ts';

async function runSources(...sources: string[]): Promise<readonly TestOutcome[]> {
  const dir = await mkdtemp(join(tmpdir(), 'underlane-test-'));
  try {
    const files = sources.map((_, index) => join(dir, `${index}.test.mjs`));
    const write = (file: string, index: number): Promise<void> =>
      writeFile(file, `import { test, suite } from 'node:test';\n${sources[index]}`);
    await Promise.all(files.map(write));
    return (await runTestFiles({ files, testTimeoutMs: 1500, timeoutMs: 6000 })).tests;
  } finally {
    await rm(dir, { recursive: true });
  }
}

function statuses(tests: readonly TestOutcome[]): readonly string[] {
  return tests.map(({ name, status }) => `${status} ${name.replace(/^(the process) of .*$/, '$1')}`);
}

test('runTestFiles() reports each test once, suites never', async () => {
  const tests = await runSources(
    "test('a', () => {}); suite('s', () => { test('b', () => { throw new Error('broken b'); }); });",
    "test('c', { skip: 'no kernel' }, () => {}); test('d', { todo: true }, () => { throw new Error('d'); });",
  );
  assert.deepEqual(statuses(tests), ['passed a', 'failed s > b', 'skipped c', 'skipped d']);
  assert.match(tests[1]?.detail ?? '', /broken b/);
  assert.equal(tests[2]?.detail, 'no kernel');
});

test('runTestFiles() counts a suite that is skipped whole', async () => {
  const tests = await runSources("suite('s', { skip: 'no compiler' }, () => { test('a', () => {}); });");
  assert.deepEqual(
    tests.map(({ status, detail }) => [status, detail]),
    [['skipped', 'no compiler']],
  );
});

test('runTestFiles() reports a hook that fails', async () => {
  const tests = await runSources(
    "suite('s', { }, () => { test('a', () => {}); }); import { after } from 'node:test'; suite('h', () => { after(() => { throw new Error('bad hook'); }); test('b', () => {}); });",
  );
  assert.ok(tests.some(({ status, detail }) => status === 'failed' && /bad hook/.test(detail ?? '')));
});

test('runTestFiles() fails for a file that cannot be loaded', async () => {
  const tests = await runSources("test('a', () => {});", "import './missing.mjs';");
  assert.ok(tests.some(({ status, detail }) => status === 'failed' && /missing\.mjs/.test(detail ?? '')));
});

test('runTestFiles() fails a test that never ends', async () => {
  const hang =
    '({ signal }) => new Promise(() => { const timer = setInterval(() => {}, 1000); signal.onabort = () => clearInterval(timer); })';
  assert.deepEqual(statuses(await runSources(`test('hangs', ${hang});`)), ['failed hangs']);
});

test('runTestFiles() names the last test when the process never ends', async () => {
  const tests = await runSources("test('a', () => { setInterval(() => {}, 1000); });");
  assert.deepEqual(statuses(tests), ['passed a', 'failed the process']);
  assert.match(tests[1]?.name ?? '', /0\.test\.mjs/);
  assert.match(tests[1]?.detail ?? '', /took longer than 6 s and was killed; the last test that ended is "a"/);
});

test('runTestFiles() fails when the process dies', async () => {
  const tests = await runSources("test('a', () => process.kill(process.pid, 'SIGKILL'));");
  assert.deepEqual(statuses(tests), ['failed the process']);
  assert.match(tests[0]?.detail ?? '', /killed by SIGKILL/);
});
