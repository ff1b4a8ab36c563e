import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { holdLock } from './hold-lock.ts';

test('holdLock() is for one at a time, and free as soon as its holder is gone or done', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-lock-'));
  const path = join(dir, 'lock');
  try {
    const script = `const { holdLock } = await import(${JSON.stringify(join(import.meta.dirname, 'hold-lock.ts'))});
      holdLock(${JSON.stringify(path)}, 'the state'); console.log('held'); process.stdin.resume();`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await new Promise(resolve => holder.stdout.once('data', resolve));
    assert.throws(() => holdLock(path, 'the state'), {
      code: 'LOCKED',
      message: /Cannot use the state: another agent/,
    });
    const gone = new Promise(resolve => holder.once('exit', resolve));
    holder.kill('SIGKILL');
    await gone;
    holdLock(path, 'the state')[Symbol.dispose]();
    using _again = holdLock(path, 'the state');
  } finally {
    rmSync(dir, { recursive: true });
  }
});
