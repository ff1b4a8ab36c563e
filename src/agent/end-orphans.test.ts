import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { test } from 'node:test';
import { silentLog, systemClock } from '#base';
import { endOrphans } from './end-orphans.ts';

/** A process that lives until it is ended, in the environment of a plugin. */
async function startPlugin(env: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const child = spawn('/bin/sh', ['-c', 'echo; read x'], { env, stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  // Until it has been exec'd, the environment that everybody sees is ours.
  await new Promise(resolve => child.stdout.once('data', resolve));
  return child;
}

test('endOrphans() ends the plugins of this socket, and nobody else', async () => {
  const socket = `/nowhere/${process.pid}.sock`;
  const orphan = await startPlugin({ UNDERLANE_SOCKET: socket, UNDERLANE_CALL: 'x' });
  const others = await Promise.all([
    startPlugin({ UNDERLANE_SOCKET: `${socket}2`, UNDERLANE_CALL: 'x' }),
    // A shim that a runtime has started.
    startPlugin({ UNDERLANE_SOCKET: socket }),
  ]);
  try {
    const ended = new Promise(resolve => orphan.once('exit', (_code, signal) => resolve(signal)));
    await endOrphans(socket, undefined, systemClock, silentLog);
    assert.equal(await ended, 'SIGKILL');
    for (const { exitCode, signalCode } of others) assert.deepEqual([exitCode, signalCode], [null, null]);
  } finally {
    for (const child of [orphan, ...others]) child.kill('SIGKILL');
  }
});
