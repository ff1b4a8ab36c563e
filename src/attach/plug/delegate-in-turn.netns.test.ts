import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#base';
import { type CniCommand, parseRequest } from '#cni';
import { createNamespace, deleteNamespace } from '#netns';
import { skipUnlessRing2 } from '../../netns/testing.ts';
import type { JournalEntry } from '../journal/entry.ts';
import { startTestAttacher, type TestAttacher } from '../testing.ts';

/** Somebody who follows annotations in our place and names no pod, while the runtime asks for the same pod. */
const { skip } = skipUnlessRing2();

const NETNS = '/run/netns/ul-test-delegate';
const signal = new AbortController().signal;
let dir: string;
let node: TestAttacher;
let unfinished: { entry: JournalEntry; error: unknown }[];

beforeEach(async () => {
  if (skip) return;
  dir = mkdtempSync(join(tmpdir(), 'underlane-delegate-'));
  for (const name of ['bin', 'conf']) mkdirSync(join(dir, name));
  // Counts its DELs; waits while `wait` lies beside it, and cannot unmake while `ill` does.
  writeFileSync(
    join(dir, 'bin', 'cable'),
    `#!/bin/sh
cd "$(dirname "$0")" || exit 1
: > "$CNI_COMMAND-$CNI_IFNAME"
[ "$CNI_COMMAND" = DEL ] && echo >> "$CNI_IFNAME-dels"
while [ "$CNI_IFNAME" != eth0 ] && [ -e wait ]; do sleep 0.02; done
if [ "$CNI_COMMAND" = DEL ] && [ "$CNI_IFNAME" = net1 ] && [ -e ill ]; then
  printf '{"cniVersion":"1.0.0","code":999,"msg":"ill"}'; exit 1
fi
[ "$CNI_COMMAND" != ADD ] || printf '{"cniVersion":"1.0.0"}'
`,
    { mode: 0o755 },
  );
  createNamespace(NETNS);
  unfinished = [];
  node = await startTestAttacher(dir, { onUnfinished: (entry, error) => unfinished.push({ entry, error }) });
});
afterEach(async () => {
  if (skip) return;
  rmSync(join(dir, 'bin', 'wait'), { force: true });
  await node[Symbol.asyncDispose]();
  deleteNamespace(NETNS);
  rmSync(dir, { recursive: true, force: true });
});

const CABLE = { cniVersion: '1.0.0', name: 'lan', plugins: [{ type: 'cable' }] };
const POD = 'K8S_POD_NAMESPACE=default;K8S_POD_NAME=p';

function request(command: CniCommand, ifname: string, args: string) {
  const stdin = JSON.stringify({ cniVersion: '1.0.0', name: 'cluster', type: 'underlane', delegates: [CABLE] });
  const env = {
    CNI_COMMAND: command,
    CNI_CONTAINERID: 'c',
    CNI_IFNAME: ifname,
    CNI_NETNS: NETNS,
    CNI_PATH: dir,
    CNI_ARGS: args,
  };
  return parseRequest({ plugin: 'underlane', env, stdin });
}

const pod = (command: CniCommand, args: string): Promise<string> =>
  node.attacher.handle(request(command, 'eth0', args), { signal });
const plug = (command: CniCommand, ifname: string): Promise<string> =>
  node.attacher.delegate({ cni: request(command, ifname, ''), config: JSON.stringify(CABLE), ips: [] }, { signal });

async function ran(name: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!existsSync(join(dir, 'bin', name))) {
    assert.ok(performance.now() < deadline, `${name} never ran`);
    await sleep(10);
  }
}

for (const [what, args] of [
  ['of a pod with its uid', `${POD};K8S_POD_UID=u`],
  ['of a pod without', POD],
  ['without a pod', ''],
] as const) {
  test(`delegate() ADD ${what}: the pod's DEL cancels it and leaves nothing`, { skip }, async () => {
    await pod('ADD', args);
    writeFileSync(join(dir, 'bin', 'wait'), '');
    const refused = assert.rejects(plug('ADD', 'net1'), { code: 'CANCELLED' });
    await ran('ADD-net1');
    const gone = pod('DEL', args);
    await ran('DEL-net1');
    assert.ok(!existsSync(join(dir, 'bin', 'DEL-eth0')), "the pod's DEL has overtaken the undo");
    rmSync(join(dir, 'bin', 'wait'));
    await Promise.all([refused, gone]);
    assert.deepEqual(node.deps.journal.list(), []);
  });
}

test('a plugged interface whose undo fails is tried once in a DEL, and told once', { skip }, async () => {
  await pod('ADD', POD);
  await plug('ADD', 'net1');
  writeFileSync(join(dir, 'bin', 'ill'), '');
  await assert.rejects(pod('DEL', POD), (error: unknown) => messageOf(error).split('ill').length === 2);
  assert.deepEqual(
    unfinished.map(({ entry }) => entry.key.ifname),
    ['net1', 'eth0'],
  );
  rmSync(join(dir, 'bin', 'ill'));
  await pod('DEL', POD);
  assert.deepEqual(node.deps.journal.list(), []);
});
