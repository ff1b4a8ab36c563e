import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { startTestNode, type TestNode } from '../agent/test-node.ts';
import { cases } from './cases.ts';
import { makePod } from './pod.ts';
import { type Environment, noReference, type Programs, programsOf, reference } from './program.ts';

/** What a runtime does wrong, and which error number it hears. Spec: https://www.cni.dev/docs/spec/#error */
const { skip } = skipUnlessRing2();

let dir: string;
let node: TestNode;

before(async () => {
  if (skip) return;
  dir = mkdtempSync(join(tmpdir(), 'underlane-conformance-'));
  node = await startTestNode({ dir: join(dir, 'n1') });
});
after(async () => {
  if (skip) return;
  await node[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const ipam = { type: 'host-local', subnet: '172.18.0.0/24' };
const config = { cniVersion: '1.0.0', name: 'conf', ipam };

interface Fault {
  readonly what: string;
  readonly env?: Environment;
  readonly config?: unknown;
  readonly code: number;
}

const FAULTS: readonly Fault[] = [
  { what: 'a version that nobody speaks', config: { ...config, cniVersion: '9.9.9' }, code: 1 },
  { what: 'CHECK before 0.4.0', env: { CNI_COMMAND: 'CHECK' }, config: { ...config, cniVersion: '0.3.1' }, code: 1 },
  { what: 'an unknown command', env: { CNI_COMMAND: 'FOO' }, code: 4 },
  { what: 'no namespace', env: { CNI_NETNS: undefined }, code: 4 },
  { what: 'no interface name', env: { CNI_IFNAME: undefined }, code: 4 },
  { what: 'no path', env: { CNI_PATH: undefined }, code: 4 },
  { what: 'a container ID with a slash', env: { CNI_CONTAINERID: 'a/b' }, code: 4 },
  { what: 'an interface name that is too long', env: { CNI_IFNAME: 'sixteen-bytes-xx' }, code: 4 },
  { what: 'an interface name with a colon', env: { CNI_IFNAME: 'a:b' }, code: 4 },
  { what: 'a configuration that is no JSON', config: '{', code: 6 },
  { what: 'no network name', config: { ...config, name: undefined }, code: 7 },
  { what: 'a network name with a blank', config: { ...config, name: 'a b' }, code: 7 },
];

async function ask(programs: Programs, plugin: string, fault: Fault, netns: string): Promise<readonly unknown[]> {
  const env = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'c1', CNI_NETNS: netns, CNI_IFNAME: 'eth0', ...fault.env };
  const stdin = typeof fault.config === 'string' ? fault.config : { type: plugin, ...(fault.config ?? config) };
  const { exitCode, json } = await programs.run(plugin, env, stdin);
  assert.equal(typeof json.msg, 'string');
  return [exitCode, json.code];
}

for (const fault of FAULTS) {
  test(`${fault.what} is error ${fault.code} from every plugin of ours`, { skip }, async () => {
    using pod = makePod('ul-conformance');
    for (const { plugin } of cases) {
      assert.deepEqual(await ask(programsOf(node), plugin, fault, pod.path), [1, fault.code], plugin);
    }
  });
  test(`${fault.what} is the same to the reference`, { skip: skip || noReference }, async () => {
    using pod = makePod('ul-conformance');
    for (const { plugin } of cases) {
      assert.deepEqual(await ask(reference, plugin, fault, pod.path), [1, fault.code], plugin);
    }
  });
}
