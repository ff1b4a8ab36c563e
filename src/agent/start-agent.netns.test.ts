import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog } from '#base';
import { askHealth } from '../health/testing.ts';
import { skipUnlessRing2 } from '../netns/testing.ts';
import type { AgentOptions } from './options.ts';
import { startAgent } from './start-agent.ts';

const { skip } = skipUnlessRing2();

async function healthOf(dir: string): Promise<number | undefined> {
  return (await askHealth(join(dir, 'run', 'health.sock'), '/healthz')).status;
}

test('a second agent on one state directory or one socket is refused, and the first one goes on', {
  skip,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-two-agents-'));
  const options: AgentOptions = {
    nodeName: 'n1',
    socket: join(dir, 'run', 'agent.sock'),
    stateDir: join(dir, 'state'),
    cniConfDir: dir,
    cniBinDirs: [],
    logLevel: 'silent',
  };
  const first = await startAgent(options, silentLog);
  try {
    await assert.rejects(startAgent(options, silentLog), { code: 'LOCKED', message: /state directory/ });
    await assert.rejects(startAgent({ ...options, socket: join(dir, 'other', 'agent.sock') }, silentLog), {
      code: 'LOCKED',
      message: /state directory/,
    });
    await assert.rejects(startAgent({ ...options, stateDir: join(dir, 'other') }, silentLog), {
      code: 'LOCKED',
      message: /socket/,
    });
    assert.equal(await healthOf(dir), 200);
  } finally {
    await first.stop();
  }
  const next = await startAgent(options, silentLog);
  assert.equal(await healthOf(dir), 200);
  await next.stop();
  rmSync(dir, { recursive: true });
});
