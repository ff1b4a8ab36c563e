import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { type HostRoot, makeHostRoot } from '../../src/shim/testing-host-root.ts';
import { noReference, REFERENCE_DIR } from '../conformance/program.ts';
import { startTestCluster, type TestCluster } from './test-cluster.ts';
import { eventually, ip, startTestNode, type TestNode } from './test-node.ts';

/** An agent in a container: third-party plugins run in the node's root, as `--host-root` shows it. */
const { skip } = skipUnlessRing2();

/** The same path in both roots, as a DaemonSet mounts /run. */
const DIR = '/run/underlane-host';
let root: HostRoot;
let cluster: TestCluster;
let node: TestNode;

beforeEach(async () => {
  if (skip) return;
  root = makeHostRoot();
  mkdirSync(DIR);
  cluster = await startTestCluster(DIR);
});
afterEach(async () => {
  if (skip) return;
  await node[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
  rmSync(DIR, { recursive: true });
  root[Symbol.dispose]();
});

async function start(...binDirs: readonly string[]): Promise<void> {
  const flags = ['--host-root', root.path, '--cni-bin-dir', binDirs.join(':')];
  node = await startTestNode({ dir: join(DIR, 'n1'), kubeconfig: cluster.kubeconfig, flags });
}

function call(command: 'ADD' | 'CHECK' | 'DEL', network: object, containerId = 'c') {
  const delegates = [{ cniVersion: '1.0.0', name: 'lan', ...network }];
  const config = { cniVersion: '1.0.0', name: 'cluster', type: 'underlane', delegates };
  const netns = `/run/netns/ul-test-n1-${containerId}`;
  if (!existsSync(netns)) node.makeNetns(containerId);
  return node.call({ command, containerId, netns, config }).done;
}

const WHERE = `#!/bin/sh
echo "$CNI_COMMAND $CNI_PATH $(pwd) $(ls -d /opt/cni/bin/where) $PATH $(cat /proc/self/cgroup | tr '\\n' ' ')" >>/where.log
[ "$CNI_COMMAND" = ADD ] && echo '{"cniVersion":"1.0.0","ips":[{"address":"10.9.0.5/16"}]}'
exit 0
`;

for (const version of ['v1', 'v2'] as const) {
  test(`a plugin is found and run in the root of the node, not of the agent, and leaves its cgroup of ${version}`, {
    skip,
  }, async t => {
    const cgroup = makeCgroup(root.path, version);
    try {
      root.write('/opt/cni/bin/where', WHERE);
      assert.ok(!existsSync('/opt/cni/bin/where'));
      await start('/opt/cni/bin');
      if (cgroup === undefined) return t.skip('cannot make cgroups');
      for (const command of ['ADD', 'CHECK', 'DEL'] as const) {
        const { exitCode, stdout } = await call(command, { type: 'where' });
        assert.equal(exitCode, 0, stdout);
      }
      const calls = readFileSync(join(root.path, 'where.log'), 'utf8').trim().split('\n');
      assert.equal(calls.length, 3);
      for (const each of calls) {
        assert.match(
          each,
          /^(ADD|CHECK|DEL) \/opt\/cni\/bin \/ \/opt\/cni\/bin\/where \/usr\/local\/sbin:\/usr\/local\/bin:\/usr\/sbin:/,
        );
        assert.match(each, new RegExp(`/${cgroup.name}\\b`));
      }
      assert.doesNotMatch(node.log(), /stay in the agent's cgroup/);
    } finally {
      cgroup?.[Symbol.dispose]();
    }
  });
}

test('cgroups that cannot be entered are told of once and hold nothing up', { skip }, async () => {
  root.write('/opt/cni/bin/where', WHERE);
  await start('/opt/cni/bin');
  for (const command of ['ADD', 'CHECK', 'DEL'] as const)
    assert.equal((await call(command, { type: 'where' })).exitCode, 0);
  assert.equal(node.log().match(/stay in the agent's cgroup/g)?.length, 1);
});

test('what a bad plugin does in the root of the node is told as everywhere', { skip }, async () => {
  await start('/opt/cni/bin');
  const missing = await call('ADD', { type: 'where' });
  assert.match(missing.json.msg, /type is "where", expected .* a program in \/opt\/cni\/bin/);
  root.write('/opt/cni/bin/where', '#!/nowhere/sh\n');
  const broken = await call('ADD', { type: 'where' });
  assert.equal(broken.json.code, 5);
  assert.match(
    broken.json.msg,
    /^Plugin "where" of network "lan" failed its ADD: Cannot run "\/opt\/cni\/bin\/where": ENOENT/,
  );
  root.write(
    '/opt/cni/bin/where',
    '#!/bin/sh\n[ $CNI_COMMAND = ADD ] || exit 0\necho \'{"code":123,"msg":"no such cable"}\'; exit 1\n',
  );
  const own = await call('ADD', { type: 'where' });
  assert.deepEqual(
    [own.json.code, own.json.msg],
    [123, 'Plugin "where" of network "lan" failed its ADD: no such cable'],
  );
});

test('Debian’s bridge works in the root of the node, and calls our IPAM from there', {
  skip: skip || noReference,
}, async () => {
  mkdirSync(join(root.path, 'opt/cni/bin'), { recursive: true });
  cpSync('dist/cni/whereabouts', join(root.path, 'opt/cni/bin/whereabouts'), { dereference: true });
  // What we implement is never exec'd, so that somebody else's must have another name.
  cpSync(join(REFERENCE_DIR, 'bridge'), join(root.path, 'opt/cni/bin/their-bridge'));
  await start('/opt/cni/bin');
  const network = { type: 'their-bridge', bridge: 'ultest7', ipam: { type: 'whereabouts', range: '172.20.0.0/24' } };
  const pod = await cluster.createPod('a');
  const config = {
    cniVersion: '1.0.0',
    name: 'cluster',
    type: 'underlane',
    delegates: [{ cniVersion: '1.0.0', name: 'lan', ...network }],
  };
  const request = { containerId: 'c', netns: node.makeNetns('c'), pod, config };
  try {
    const added = await node.call({ command: 'ADD', ...request }).done;
    assert.equal(added.exitCode, 0, added.stdout);
    assert.match(ip('-n ul-test-n1-c addr show dev eth0'), new RegExp(added.json.ips[0].address));
    assert.equal((await cluster.claims()).length, 1);
    const checked = await node.call({ command: 'CHECK', ...request }).done;
    assert.equal(checked.exitCode, 0, checked.stdout);
    await cluster.deletePod('a');
    assert.equal((await node.call({ command: 'DEL', ...request }).done).exitCode, 0);
    assert.doesNotMatch(ip('-n ul-test-n1-c link'), /eth0/);
    await eventually('the claim is released', async () => (await cluster.claims()).length === 0);
  } finally {
    ip('link del ultest7');
  }
});

test('a plugin that outlives its agent in the root of the node is ended by the next one', { skip }, async () => {
  // In another mount namespace, as it is for the next container of a DaemonSet.
  root.write(
    '/opt/cni/bin/where',
    `#!/bin/sh
[ "$CNI_COMMAND" = ADD ] || exit 0
exec unshare --mount --propagation unchanged sh -c 'echo $$ >/pid.new; mv /pid.new /pid; exec sleep 1000'
`,
  );
  await start('/opt/cni/bin');
  const add = call('ADD', { type: 'where' });
  const pid = await eventually(
    'it runs',
    async () => existsSync(join(root.path, 'pid')) && readFileSync(join(root.path, 'pid'), 'utf8').trim(),
  );
  await node.kill('SIGKILL');
  assert.equal((await add).json.code, 11);
  assert.ok(isRunning(pid));
  await node.start();
  assert.ok(!isRunning(pid));
  assert.match(node.log(), /Ending a plugin of a former agent/);
});

test('an agent whose --host-root is nowhere says so and ends', { skip }, async () => {
  await start('/opt/cni/bin');
  const flags = ['--node-name', 'x', '--socket', join(DIR, 'x/agent.sock'), '--state-dir', join(DIR, 'x')];
  const child = spawn('dist/bin/underlane', ['agent', ...flags, '--host-root', join(DIR, 'nowhere')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', chunk => {
    said += String(chunk);
  });
  const code = await new Promise(resolve => child.once('close', resolve));
  assert.equal(code, 1);
  assert.match(said, /Cannot run plugins in --host-root \\".*nowhere\\": Cannot enter the node's root .*ENOENT/);
});

function isRunning(pid: string): boolean {
  return existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
}

interface TestCgroup extends Disposable {
  readonly name: string;
}

const HIERARCHIES = {
  // One folder for each controller below the place that everybody knows.
  v1: {
    places: ['/sys/fs/cgroup/pids', '/sys/fs/cgroup/freezer', '/sys/fs/cgroup'],
    seenAs: 'sys/fs/cgroup/one',
  },
  v2: { places: ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'], seenAs: 'sys/fs/cgroup' },
} as const;

/** A real cgroup of the test's own, which the root shows as the one that everything is below; undefined where nobody may make one. */
function makeCgroup(rootPath: string, version: keyof typeof HIERARCHIES): TestCgroup | undefined {
  const { places, seenAs } = HIERARCHIES[version];
  const path = firstOf(places, newCgroup);
  if (path === undefined) return undefined;
  const seen = join(rootPath, seenAs);
  mkdirSync(seen, { recursive: true });
  execFileSync('mount', ['--bind', path, seen]);
  return {
    name: basename(path),
    [Symbol.dispose]() {
      execFileSync('umount', [seen]);
      rmdirSync(path);
    },
  };
}

function newCgroup(hierarchy: string): string | undefined {
  try {
    const path = mkdtempSync(join(hierarchy, 'underlane-test-'));
    if (existsSync(join(path, 'cgroup.procs'))) return path;
    rmdirSync(path);
  } catch {
    // Read-only, another user's, or not there.
  }
  return undefined;
}

function firstOf<T>(places: readonly string[], make: (place: string) => T | undefined): T | undefined {
  for (const place of places) {
    const made = make(place);
    if (made !== undefined) return made;
  }
  return undefined;
}
