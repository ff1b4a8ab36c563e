import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestOutcome } from './ring.ts';
import { runTestFiles } from './run-test-files.ts';

async function runSources(isolation: 'none' | 'process', ...sources: string[]): Promise<readonly TestOutcome[]> {
  const dir = await mkdtemp(join(tmpdir(), 'underlane-test-'));
  try {
    const files = sources.map((_, index) => join(dir, `${index}.test.mjs`));
    await Promise.all(
      files.map((file, index) => writeFile(file, `import { test, suite } from 'node:test';\n${sources[index]}`)),
    );
    return await runTestFiles({
      files,
      isolation,
      testTimeoutMs: 2000,
      totalTimeoutMs: 5_000,
      isVerbose: false,
      isSilent: true,
    });
  } finally {
    await rm(dir, { recursive: true });
  }
}

function statuses(tests: readonly TestOutcome[]): readonly string[] {
  return tests.map(({ name, status }) => `${status} ${name}`);
}

for (const isolation of ['none', 'process'] as const) {
  test(`runTestFiles() with isolation ${isolation} reports each test once, suites never`, async () => {
    const tests = await runSources(
      isolation,
      "test('a', () => {}); suite('s', () => { test('b', () => { throw new Error('broken b'); }); });",
      "test('c', { skip: 'no kernel' }, () => {}); test('d', { todo: true }, () => { throw new Error('d'); });",
    );
    assert.deepEqual(statuses(tests), ['passed a', 'failed s > b', 'skipped c', 'skipped d']);
    assert.match(tests[1]?.detail ?? '', /broken b/);
    assert.equal(tests[2]?.detail, 'no kernel');
  });

  test(`runTestFiles() with isolation ${isolation} fails for a file that cannot be loaded`, async () => {
    const tests = await runSources(isolation, "test('a', () => {});", "import './missing.mjs';");
    assert.ok(tests.some(({ status, detail }) => status === 'failed' && /missing\.mjs/.test(detail ?? '')));
  });
}

test('runTestFiles() fails a test that never ends', async () => {
  const hang =
    '({ signal }) => new Promise(() => { const timer = setInterval(() => {}, 1000); signal.onabort = () => clearInterval(timer); })';
  const tests = await runSources('process', `test('hangs', ${hang});`);
  assert.deepEqual(statuses(tests), ['failed hangs']);
});

test('runTestFiles() names the last test when a file never ends', async () => {
  const tests = await runSources('process', "test('a', () => { setInterval(() => {}, 1000); });");
  assert.deepEqual(statuses(tests), ['passed a', 'failed the test runner']);
  assert.match(
    tests[1]?.detail ?? '',
    /took longer than 5 s and was killed; the last test that ended is .*0\.test\.mjs: a/,
  );
});

test('runTestFiles() fails when the process dies', async () => {
  const tests = await runSources('none', "test('a', () => process.kill(process.pid, 'SIGKILL'));");
  assert.deepEqual(statuses(tests), ['failed the test runner']);
  assert.match(tests[0]?.detail ?? '', /killed by SIGKILL/);
});
