import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { createNamespace, deleteNamespace } from '#netns';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { startTestNode, type TestNode } from '../agent/test-node.ts';
import { ip } from '../attach/world.ts';
import { cacheFiles, createMultus, type Multus, ROOT_NETWORK } from './multus.ts';

/** The built agent and the programs `multus-shim` and `underlane uninstall`, on a node with pods of Multus. */
const { skip } = skipUnlessRing2();

/** Puts a file for each container and interface, which DEL takes away. */
const CABLE = `#!/bin/sh
here=$(dirname "$0")
cat >/dev/null
case $CNI_COMMAND in
  ADD) : >"$here/plugged-$CNI_CONTAINERID-$CNI_IFNAME"
    echo '{"cniVersion":"1.0.0","interfaces":[],"ips":[]}' ;;
  DEL) rm -f "$here/plugged-$CNI_CONTAINERID-$CNI_IFNAME" ;;
esac
`;
const NETWORK = { cniVersion: '1.0.0', name: 'lan', plugins: [{ type: 'cable' }] };
/** In process, then a plugin that is exec'd. */
const OWN = {
  cniVersion: '1.0.0',
  name: 'own',
  plugins: [{ type: 'macvlan', master: 'up0', ipam: { type: 'host-local', subnet: '10.92.0.0/24' } }, { type: 'wire' }],
};
/** The same behind another plugin, whose result it hands on. */
const WIRE = CABLE.replace('cat >/dev/null', 'conf=$(cat)').replace(
  /echo '.*'/,
  'printf \'%s\' "$conf" | sed \'s/.*"prevResult"://; s/}$//\'',
);

let dir: string;
let multus: Multus;
let places: { cniDir: string; runtimeDir: string; binDirs: readonly string[] };
let node: TestNode;
let spaces: string[];

beforeEach(async () => {
  if (skip) return;
  dir = mkdtempSync(join(tmpdir(), 'underlane-built-'));
  mkdirSync(join(dir, 'plugins'));
  for (const [name, text] of [
    ['cable', CABLE],
    ['wire', WIRE],
  ] as const) {
    writeFileSync(join(dir, 'plugins', name), text, { mode: 0o755 });
  }
  ip('link add up0 type veth peer name up1');
  ip('link set up0 up');
  places = { cniDir: join(dir, 'multus'), runtimeDir: join(dir, 'cni'), binDirs: [join(dir, 'plugins')] };
  multus = createMultus(places);
  spaces = [];
  await Promise.all(
    ['a', 'b', 'c'].map(id => multus.add({ id, netns: makeNetns(id) }, [{ name: 'lan', config: NETWORK }])),
  );
  node = await startTestNode({
    dir: join(dir, 'n1'),
    defaultNetwork: OWN,
    flags: ['--multus-cni-dir', places.cniDir, '--cni-cache-dir', places.runtimeDir],
  });
});
afterEach(async () => {
  if (skip) return;
  await node[Symbol.asyncDispose]();
  for (const path of spaces) deleteNamespace(path);
  ip('link del up0');
  rmSync(dir, { recursive: true, force: true });
});

function makeNetns(id: string): string {
  const path = `/run/netns/ul-test-built-${id}`;
  createNamespace(path);
  spaces.push(path);
  return path;
}

function plugged(): readonly string[] {
  return readdirSync(join(dir, 'plugins'))
    .filter(name => name.startsWith('plugged-'))
    .sort();
}

function callMultus(command: 'ADD' | 'DEL', containerId: string, netns: string) {
  const config = { cniVersion: '1.0.0', name: ROOT_NETWORK, type: 'multus-shim', binDir: join(dir, 'plugins') };
  return node.call({ command, plugin: 'multus-shim', containerId, netns, config }).done;
}

test('pods of Multus and of ours, deleted through multus-shim, and by Multus after `underlane uninstall`', {
  skip,
}, async () => {
  assert.deepEqual(plugged(), ['plugged-a-eth0', 'plugged-b-eth0', 'plugged-c-eth0']);
  // Without `binDir` in the runtime's record the plugin is looked for where the agent was told.
  for (const name of ['cable', 'wire']) {
    execFileSync('cp', [join(dir, 'plugins', name), join(dir, 'n1', 'bin', name)]);
  }
  const own = makeNetns('own');
  const added = await callMultus('ADD', 'own', own);
  assert.equal(added.exitCode, 0, added.stdout);
  assert.ok(existsSync(join(dir, 'n1', 'bin', 'plugged-own-eth0')));
  await node.kill('SIGTERM');
  const said = execFileSync(
    'dist/bin/underlane',
    ['uninstall', '--state-dir', join(dir, 'n1', 'state'), '--cni-conf-dir', join(dir, 'n1', 'conf')].concat([
      '--cni-bin-dir',
      join(dir, 'n1', 'bin'),
      '--multus-cni-dir',
      places.cniDir,
    ]),
    { encoding: 'utf8' },
  );
  assert.match(said, /1 containers that Underlane attached are still there; of 1 Multus finds/);
  const back = createMultus({ ...places, binDirs: [join(dir, 'n1', 'bin'), join(dir, 'plugins')] });
  assert.equal(await back.del({ id: 'own', netns: own }), 'done');
  // What the runtime does then: a pod that runs would keep what it has.
  deleteNamespace(own);
  assert.ok(!existsSync(join(dir, 'n1', 'bin', 'plugged-own-eth0')));
  assert.equal(await multus.del({ id: 'a', netns: '' }), 'done');
  // As the runtime does after the DEL: with the namespace there it might be a pod that runs.
  deleteNamespace(own);
  spaces = spaces.filter(path => path !== own);
  await node.start();
  // What Multus has deleted is forgotten, or undone wholly; the others are still to be deleted by us.
  assert.deepEqual(
    readdirSync(join(dir, 'n1', 'state', 'journal')).map(file => file[0]),
    ['b', 'c'],
  );
  assert.equal((await callMultus('DEL', 'b', '')).exitCode, 0);
  assert.equal((await callMultus('DEL', 'c', '')).exitCode, 0);
  assert.deepEqual(readdirSync(join(dir, 'n1', 'state', 'journal')), []);
  assert.deepEqual(cacheFiles(places), []);
});
