import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { ConfigList } from './cni-config.ts';
import { type CniRuntime, createCniRuntime } from './cni-runtime.ts';

let dir = '';
let cni: CniRuntime;

/** Logs its call, then answers with its type; `broken` fails as a plugin should. */
const PLUGIN = `#!/bin/sh
read -r config
echo "$CNI_COMMAND \${0##*/} $CNI_IFNAME $CNI_ARGS $EXTRA $config" >>"$LOG"
if [ "\${0##*/}" = broken ] && [ "$CNI_COMMAND" = ADD ]; then echo '{"code":7,"msg":"no way","details":"really"}'; exit 1; fi
if [ "$CNI_COMMAND" = ADD ]; then echo "{\\"from\\":\\"\${0##*/}\\"}"; fi
`;
const container = { containerId: 'c1', netns: '/run/netns/x', ifname: 'eth0', args: 'K=V' };
const list: ConfigList = { cniVersion: '1.0.0', name: 'net', plugins: [{ type: 'first', key: 1 }, { type: 'second' }] };

before(() => {
  dir = mkdtempSync(join(tmpdir(), 'cni-runtime-test-'));
  for (const name of ['first', 'second', 'broken']) {
    writeFileSync(join(dir, name), PLUGIN);
    chmodSync(join(dir, name), 0o755);
  }
});

beforeEach(() => {
  writeFileSync(join(dir, 'log'), '');
  const env = { PATH: '/usr/bin:/bin', LOG: join(dir, 'log'), EXTRA: 'extra' };
  cni = createCniRuntime({ path: ['/nonexistent', dir], env, cacheDir: join(dir, 'cache') });
});

after(() => rmSync(dir, { recursive: true }));

test('add() chains results, del() runs in reverse with the last result and forgets it', async () => {
  assert.deepEqual(await cni.add(list, container), { from: 'second' });
  await cni.del(list, container);
  await cni.del(list, container);
  const prevResult = '"prevResult":{"from":"second"}';
  assert.deepEqual(readFileSync(join(dir, 'log'), 'utf8').trim().split('\n'), [
    'ADD first eth0 K=V extra {"type":"first","key":1,"name":"net","cniVersion":"1.0.0"}',
    'ADD second eth0 K=V extra {"type":"second","name":"net","cniVersion":"1.0.0","prevResult":{"from":"first"}}',
    `DEL second eth0 K=V extra {"type":"second","name":"net","cniVersion":"1.0.0",${prevResult}}`,
    `DEL first eth0 K=V extra {"type":"first","key":1,"name":"net","cniVersion":"1.0.0",${prevResult}}`,
    'DEL second eth0 K=V extra {"type":"second","name":"net","cniVersion":"1.0.0"}',
    'DEL first eth0 K=V extra {"type":"first","key":1,"name":"net","cniVersion":"1.0.0"}',
  ]);
  assert.deepEqual(readdirSync(join(dir, 'cache')), []);
});

test("add() fails with the plugin's own message", async () => {
  await assert.rejects(cni.add({ ...list, plugins: [{ type: 'broken' }] }, container), {
    code: 'CNI_FAILED',
    message: 'plugin type="broken" failed (add): no way; really',
  });
});

test('add() names a plugin that is not installed', async () => {
  await assert.rejects(cni.add({ ...list, plugins: [{ type: 'absent' }] }, container), {
    message: `failed to find plugin "absent" in path [/nonexistent ${dir}]`,
  });
});
