import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { identifyProcess, isAlive } from './process-identity.ts';

test('isAlive() is true for this process', () => {
  const own = identifyProcess(process.pid);
  assert.ok(own !== undefined && isAlive(own));
});

test('isAlive() is false for a process that ended', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const identity = identifyProcess(child.pid ?? 0);
  assert.ok(identity !== undefined && isAlive(identity));
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.equal(isAlive(identity), false);
});

test('isAlive() is false for a later process of the same number', () => {
  assert.equal(isAlive({ pid: process.pid, startTicks: '1' }), false);
});
