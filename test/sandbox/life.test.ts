import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PODS } from '#api';
import { createKubeClient, loadKubeconfig } from '#kube';
import {
  makeTmp,
  processesOf,
  type RunningSandbox,
  removeTmp,
  sandboxCommand,
  startSandbox,
} from './running-sandbox.ts';

const READY = /export KUBECONFIG=(\S+)[\s\S]*pods ready/;
let tmp = '';
let first: RunningSandbox;
let second: RunningSandbox;
let kubeconfig = '';

before(async () => {
  tmp = makeTmp();
  first = startSandbox(tmp, '--no-examples');
  second = startSandbox(tmp, '--no-examples');
  const [match] = await Promise.all([first.until(READY), second.until(READY)]);
  kubeconfig = match[1] ?? '';
});

after(async () => {
  for (const sandbox of [first, second]) sandbox.process.kill('SIGKILL');
  await Promise.all([first.ended, second.ended]);
  removeTmp(tmp);
});

test('two sandboxes run side by side, and ls shows both', async () => {
  const { stdout } = await sandboxCommand(tmp, 'ls');
  assert.equal(stdout.trim().split('\n').length, 3);
  assert.ok(stdout.includes(kubeconfig));
});

test('the printed kubeconfig works from outside, and exec runs in a pod made with it', async () => {
  const client = createKubeClient(await loadKubeconfig(kubeconfig));
  const name = { namespace: 'default', name: 'shell' };
  await client.create(PODS, { metadata: name, spec: { containers: [{ name: 'c', image: 'x' }] } });
  const id = /underlane-sandbox-(\w+)/.exec(kubeconfig)?.[1] ?? '';
  const exec = (...command: readonly string[]): ReturnType<typeof sandboxCommand> =>
    sandboxCommand(tmp, 'exec', '--sandbox', id, 'shell', '--', ...command);
  const signal = AbortSignal.timeout(20_000);
  while ((await client.get(PODS, name)).status?.phase !== 'Running') await sleep(50, undefined, { signal });

  const { podIP } = (await client.get(PODS, name)).status ?? {};
  const { status, stdout } = await exec('ip', '-j', '-4', 'addr', 'show', 'eth0');
  assert.equal(status, 0);
  assert.equal(JSON.parse(stdout)[0].addr_info[0].local, podIP);
  assert.equal((await exec('sh', '-c', 'exit 7')).status, 7);

  await client.delete(PODS, name);
  await assert.rejects(
    async () => {
      for (;;) {
        await client.get(PODS, name);
        await sleep(50, undefined, { signal });
      }
    },
    { code: 'NotFound' },
  );
  const gone = await exec('true');
  assert.deepEqual(
    [gone.status, gone.stderr],
    [1, `underlane: Cannot find pod "default/shell": it has no network namespace in sandbox "${id}"\n`],
  );
  client.close();
});

test('SIGINT ends a sandbox with 130 and without a trace', async () => {
  second.process.kill('SIGINT');
  assert.equal(await second.ended, 130);
  assert.equal(readdirSync(tmp).length, 1);
});

test('kill -9 takes everything down, the folder last', async () => {
  assert.ok(processesOf(tmp).length > 3);
  first.process.kill('SIGKILL');
  await first.ended;
  const signal = AbortSignal.timeout(5_000);
  while (processesOf(tmp).length > 0) await sleep(20, undefined, { signal });
  assert.deepEqual(readdirSync(tmp), []);
});
