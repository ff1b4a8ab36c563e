import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { isJsonObject } from '#base';
import { askHealth } from '../../src/health/testing.ts';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { eventually, startTestNode, type TestNode } from './test-node.ts';

/** The built program puts itself on a node, and answers under the names of Multus. */
const { skip } = skipUnlessRing2();

let dir: string;
let node: TestNode;

beforeEach(() => {
  if (!skip) dir = mkdtempSync(join(tmpdir(), 'underlane-installed-'));
});
afterEach(async () => {
  if (skip) return;
  await node[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const OWN = '0-underlane.conflist';
const inDir = (...parts: readonly string[]): string => join(dir, 'n1', ...parts);

/** What a runtime does: the first configuration by name, its first plugin. */
function runtimeConfig(): { readonly plugin: string; readonly programs: string; readonly config: unknown } {
  const [first = ''] = readdirSync(inDir('conf'))
    .filter(name => /\.(conf|conflist|json)$/.test(name))
    .sort();
  const list: unknown = JSON.parse(readFileSync(inDir('conf', first), 'utf8'));
  const [plugin] = isJsonObject(list) && Array.isArray(list['plugins']) ? list['plugins'] : [];
  assert.ok(isJsonObject(list) && isJsonObject(plugin));
  const config = { ...plugin, cniVersion: list['cniVersion'], name: list['name'] };
  return { plugin: String(plugin['type']), programs: inDir('bin'), config };
}

function underlane(command: string): string {
  const flags = ['--cni-conf-dir', inDir('conf'), '--cni-bin-dir', inDir('bin'), '--state-dir', inDir('state')];
  return execFileSync('dist/bin/underlane', [command, ...flags], { encoding: 'utf8' });
}

async function metric(name: string): Promise<string | undefined> {
  const { body } = await askHealth(join(dirname(node.socket), 'health.sock'), '/metrics');
  return new RegExp(`^${name} (.*)$`, 'm').exec(body)?.[1];
}

async function installed(): Promise<void> {
  await eventually('the configuration is there', async () => readdirSync(inDir('conf')).includes(OWN));
}

suite('an agent with --install-cni', { skip }, () => {
  test('makes the runtime call it; the configuration stays when it ends, and pods then fail instead of losing NICs', async () => {
    node = await startTestNode({ dir: inDir(), flags: ['--install-cni'] });
    await installed();
    const runtime = runtimeConfig();
    assert.equal(runtime.plugin, 'underlane');
    const pod = { ...runtime, containerId: 'c1', netns: node.makeNetns('c1') };
    const added = await node.call({ ...pod, command: 'ADD' }).done;
    assert.equal(added.exitCode, 0, added.stdout);
    assert.match(added.json.ips[0].address, /^10\.244\.1\./);
    await node.kill('SIGTERM');
    assert.deepEqual(runtimeConfig(), runtime);
    const refused = await node.call({ ...pod, containerId: 'c2', command: 'ADD' }).done;
    assert.equal(refused.json.code, 11);
    await node.start();
    assert.equal((await node.call({ ...pod, command: 'DEL' }).done).exitCode, 0);
  });

  test('puts back what is renamed away and counts it; `underlane uninstall` ends that', async () => {
    node = await startTestNode({ dir: inDir(), flags: ['--install-cni'] });
    await installed();
    renameSync(inDir('conf', OWN), inDir('conf', `${OWN}.cilium_bak`));
    await installed();
    await eventually('it is counted', async () => (await metric('underlane_cni_config_lost_total')) === '1');
    assert.match(node.log(), /Somebody has renamed .*cni\.exclusive/);
    assert.match(
      underlane('uninstall'),
      /Removed .*0-underlane\.conflist"\nRemoved .*cilium_bak"\nRemoved .*bin\/underlane"/,
    );
    await eventually('it lets go', async () => (await metric('underlane_cni_config_installed')) === '0');
    assert.deepEqual(readdirSync(inDir('conf')), ['10-plain.conflist']);
    assert.deepEqual(readdirSync(inDir('bin')), []);
    assert.match(underlane('install'), /with the network of "10-plain\.conflist" as the default one/);
    assert.deepEqual(readdirSync(inDir('conf')), [OWN, '10-plain.conflist']);
  });

  test("takes Multus' daemon configuration", async () => {
    const file = join(dir, 'daemon-config.json');
    const keys = { cniVersion: '0.4.0', overrideNetworkName: true, logLevel: 'debug', chrootDir: '/hostroot' };
    writeFileSync(file, JSON.stringify(keys));
    node = await startTestNode({ dir: inDir(), flags: ['--install-cni', '--config', file] });
    await installed();
    const written: unknown = JSON.parse(readFileSync(inDir('conf', OWN), 'utf8'));
    assert.ok(isJsonObject(written));
    assert.deepEqual([written['cniVersion'], written['name']], ['0.4.0', 'plain']);
    assert.match(node.log(), /chrootDir: it does nothing/);
  });
});

suite('the names of Multus', { skip }, () => {
  for (const plugin of ['multus', 'multus-shim']) {
    test(`a configuration for ${plugin} works as it is`, async () => {
      node = await startTestNode({ dir: inDir() });
      const config = {
        cniVersion: '1.0.0',
        name: 'multus-cni-network',
        type: plugin,
        capabilities: { portMappings: true },
        clusterNetwork: inDir('conf', '10-plain.conflist'),
        logLevel: 'verbose',
        logToStderr: true,
        daemonSocketDir: '/run/multus',
      };
      const pod = { plugin, config, containerId: 'c1', netns: node.makeNetns('c1') };
      for (const command of ['ADD', 'CHECK', 'DEL'] as const) {
        const { exitCode, stdout } = await node.call({ ...pod, command }).done;
        assert.equal(exitCode, 0, stdout);
      }
      assert.match(node.log(), /multus-cni-network\\": logLevel: it does nothing/);
    });

    test(`${plugin} keeps codes 50 and 51 of STATUS, and has its own while the agent is away`, async () => {
      node = await startTestNode({ dir: inDir() });
      const call = (command: 'STATUS' | 'ADD', code: number) => {
        writeFileSync(
          inDir('bin', 'sick'),
          `#!/bin/sh\ncat >/dev/null\necho '{"cniVersion":"1.1.0","code":${code},"msg":"pool is full"}'\nexit 1\n`,
          { mode: 0o755 },
        );
        const config = {
          cniVersion: '1.1.0',
          name: 'multus-cni-network',
          type: plugin,
          delegates: [{ cniVersion: '1.1.0', name: 'sick', type: 'sick' }],
        };
        return node.call({ command, plugin, config, containerId: 'c1', netns: '/run/netns/none' }).done;
      };
      for (const code of [50, 51]) {
        const { exitCode, json } = await call('STATUS', code);
        assert.deepEqual([exitCode, json.code], [1, code]);
        assert.match(json.msg, /pool is full/);
      }
      await node.kill('SIGTERM');
      assert.equal((await call('STATUS', 50)).json.code, 50);
      assert.match((await call('STATUS', 50)).json.msg, /Cannot reach the agent/);
      assert.equal((await call('ADD', 50)).json.code, 11);
    });
  }
});
