import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLog } from '#base';
import { createNamespace, deleteNamespace } from '#netns';
import { encodeRequest, type WireRequest, writeSpooled } from '#wire';
import { askHealth } from '../health/testing.ts';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { exchange, openAgent } from '../shim/agent-connection.ts';
import type { AgentOptions } from './options.ts';
import { startAgent } from './start-agent.ts';

/** An agent whose undo fails for a while. */
const { skip } = skipUnlessRing2();

const NETNS = '/run/netns/ul-test-unfinished';
let dir: string;
let options: AgentOptions;

beforeEach(() => {
  if (skip) return;
  dir = mkdtempSync(join(tmpdir(), 'underlane-unfinished-'));
  mkdirSync(join(dir, 'bin'));
  // Makes nothing, and cannot unmake it while `ill` lies beside it.
  writeFileSync(
    join(dir, 'bin', 'cable'),
    `#!/bin/sh
[ "$CNI_COMMAND" = ADD ] && printf '{"cniVersion":"1.0.0"}' && exit 0
[ ! -e "$(dirname "$0")/ill" ] && exit 0
printf '{"cniVersion":"1.0.0","code":999,"msg":"ill"}'; exit 1
`,
    { mode: 0o755 },
  );
  options = {
    nodeName: 'n1',
    socket: join(dir, 'run', 'agent.sock'),
    stateDir: join(dir, 'state'),
    cniConfDir: dir,
    cniBinDirs: [join(dir, 'bin')],
    logLevel: 'silent',
  };
  createNamespace(NETNS);
});
afterEach(() => {
  if (skip) return;
  deleteNamespace(NETNS);
  rmSync(dir, { recursive: true });
});

function wire(command: 'ADD' | 'DEL'): WireRequest {
  const delegates = [{ cniVersion: '1.0.0', name: 'lan', plugins: [{ type: 'cable' }] }];
  const stdin = JSON.stringify({ cniVersion: '1.0.0', name: 'cluster', type: 'underlane', delegates });
  return {
    plugin: 'underlane',
    env: { CNI_COMMAND: command, CNI_CONTAINERID: 'c1', CNI_IFNAME: 'eth0', CNI_NETNS: NETNS, CNI_PATH: dir },
    stdin: new TextEncoder().encode(stdin),
  };
}

async function ask(command: 'ADD' | 'DEL'): Promise<number> {
  const attempt = await openAgent({ path: options.socket, replyWaitMs: 60_000 });
  assert.ok(attempt.kind === 'open');
  return (await exchange(attempt.socket, encodeRequest(wire(command)))).exitCode;
}

/** What `/metrics` says is unfinished, by kind. */
async function unfinished(): Promise<Readonly<Record<string, number>>> {
  const { body } = await askHealth(join(dir, 'run', 'health.sock'), '/metrics');
  const rows = body.matchAll(/^underlane_unfinished\{kind="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...rows].map(([, kind, count]) => [kind, Number(count)]));
}

async function until(look: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await look())) {
    assert.ok(performance.now() < deadline, 'nothing came of it');
    await sleep(20);
  }
}

const NOTHING = { attachment: 0, network_change: 0, spooled_del: 0, claim_release: 0 };
const ill = (): string => join(dir, 'bin', 'ill');
const journal = (): readonly string[] => readdirSync(join(dir, 'state', 'journal'));

test('a DEL that fails is done by itself once its cause has healed, also by the next agent', { skip }, async () => {
  const first = await startAgent(options, silentLog);
  assert.equal(await ask('ADD'), 0);
  writeFileSync(ill(), '');
  assert.equal(await ask('DEL'), 1);
  assert.deepEqual(await unfinished(), { ...NOTHING, attachment: 1 });
  await first.stop();
  const second = await startAgent(options, silentLog);
  try {
    assert.deepEqual(await unfinished(), { ...NOTHING, attachment: 1 });
    assert.equal(journal().length, 1);
    rmSync(ill());
    // What often heals a cause, and is noticed.
    execFileSync('ip', ['link', 'add', 'ul-x', 'type', 'veth', 'peer', 'name', 'ul-y']);
    await until(async () => (await unfinished())['attachment'] === 0);
    assert.deepEqual(journal(), []);
  } finally {
    await second.stop();
    execFileSync('ip', ['link', 'del', 'ul-x']);
  }
});

test('an ADD of the same container puts an end to the trying, and is not harmed by it', { skip }, async () => {
  const agent = await startAgent(options, silentLog);
  try {
    assert.equal(await ask('ADD'), 0);
    writeFileSync(ill(), '');
    assert.equal(await ask('DEL'), 1);
    rmSync(ill());
    assert.equal(await ask('ADD'), 0);
    await until(async () => (await unfinished())['attachment'] === 0);
    assert.match(journal().join(), /^[^,]*\.added\.json$/);
    assert.equal(await ask('DEL'), 0);
  } finally {
    await agent.stop();
  }
});

test('a spooled DEL that fails keeps its file until what it is about is undone', { skip }, async () => {
  const first = await startAgent(options, silentLog);
  assert.equal(await ask('ADD'), 0);
  await first.stop();
  writeFileSync(ill(), '');
  const path = await writeSpooled(
    join(dir, 'state', 'del-spool'),
    { containerId: 'c1', ifname: 'eth0', pid: 1, nowNs: 1n },
    encodeRequest(wire('DEL')),
  );
  const second = await startAgent(options, silentLog);
  try {
    assert.deepEqual(await unfinished(), { ...NOTHING, attachment: 1, spooled_del: 1 });
    assert.ok(existsSync(path));
    rmSync(ill());
    await until(async () => (await unfinished())['spooled_del'] === 0);
    assert.deepEqual(await unfinished(), NOTHING);
    assert.ok(!existsSync(path));
  } finally {
    await second.stop();
  }
});
