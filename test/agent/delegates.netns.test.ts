import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { startTestCluster, type TestCluster } from './test-cluster.ts';
import { eventually, ip, startTestNode, type TestNode } from './test-node.ts';

/** Third-party plugins in our chains, and our IPAM in theirs. */
const { skip } = skipUnlessRing2();

let dir: string;
let cluster: TestCluster;
let node: TestNode;

/** A main plugin of somebody else: a dummy-like link, and whatever IPAM plugin its config names, as the reference ones do it. */
const FOREIGN = `#!/bin/sh
conf=$(cat)
here=$(dirname "$0")
printf '%s %s %s\\n' "$CNI_COMMAND" "$CNI_CONTAINERID" "$CNI_IFNAME" >>"$here/foreign.log"
case $CNI_COMMAND in
  ADD)
    printf %s "$conf" | "$here/whereabouts" || exit 1
    if [ -e "$here/stall" ]; then : >"$here/nested"; exec sleep 1000; fi ;;
  DEL) [ -e "$here/forgetful" ] || printf %s "$conf" | "$here/whereabouts" || exit 1 ;;
esac
`;

const NETWORK = {
  cniVersion: '1.0.0',
  name: 'foreign',
  type: 'foreign',
  ipam: { type: 'whereabouts', range: '172.18.30.1-172.18.30.100/16' },
};

beforeEach(async () => {
  if (skip) return;
  dir = mkdtempSync(join(tmpdir(), 'underlane-delegates-'));
  cluster = await startTestCluster(dir);
  node = await startTestNode({ dir: join(dir, 'n1'), kubeconfig: cluster.kubeconfig, defaultNetwork: NETWORK });
  writeFileSync(bin('foreign'), FOREIGN, { mode: 0o755 });
  symlinkSync(resolve('dist/cni/whereabouts'), bin('whereabouts'));
});
afterEach(async () => {
  if (skip) return;
  await node[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

function bin(name: string): string {
  return join(dir, 'n1', 'bin', name);
}

function journal(): readonly string[] {
  return readdirSync(join(dir, 'n1', 'state', 'journal'));
}

test('40 third-party plugins at once call our IPAM from inside our ADD, and none waits for its own parent', {
  skip,
}, async () => {
  const pods = await Promise.all(Array.from({ length: 40 }, (_, index) => cluster.createPod(`p${index}`)));
  const results = await Promise.all(
    pods.map(
      (pod, index) =>
        node.call({ command: 'ADD', containerId: `c${index}`, pod, netns: node.makeNetns(`c${index}`) }).done,
    ),
  );
  assert.deepEqual(
    results.filter(({ exitCode }) => exitCode !== 0).map(({ json }) => json.msg),
    [],
  );
  assert.equal(new Set(results.map(({ json }) => json.ips[0].address)).size, 40);
  const owners = (await cluster.claims()).map(({ spec }) => spec.owner.podName).sort();
  assert.deepEqual(owners, pods.map(({ metadata }) => metadata.name).sort());
  await Promise.all(pods.map(({ metadata }) => cluster.deletePod(metadata.name)));
  await Promise.all(pods.map((pod, index) => node.call({ command: 'DEL', containerId: `c${index}`, pod }).done));
  await eventually('all claims are released', async () => (await cluster.claims()).length === 0);
  assert.deepEqual(journal(), []);
});

test('what a plugin asked of us and never gave back goes with its parent', { skip }, async () => {
  const pod = await cluster.createPod('a');
  await node.call({ command: 'ADD', containerId: 'c', pod, netns: node.makeNetns('c') }).done;
  assert.equal(journal().length, 2);
  writeFileSync(bin('forgetful'), '');
  await cluster.deletePod('a');
  assert.equal((await node.call({ command: 'DEL', containerId: 'c', pod }).done).exitCode, 0);
  await eventually('the claim is released', async () => (await cluster.claims()).length === 0);
  assert.deepEqual(journal(), []);
});

test('kill -9 of the agent while a plugin has an address of ours: the next start takes both back', {
  skip,
}, async () => {
  writeFileSync(bin('stall'), '');
  const pod = await cluster.createPod('a');
  const request = { containerId: 'c', pod, netns: node.makeNetns('c') };
  const adding = node.call({ command: 'ADD', ...request }).done;
  await eventually('the plugin has its address', async () => existsSync(bin('nested')));
  assert.equal(journal().length, 2);
  await node.kill('SIGKILL');
  assert.equal((await adding).json.code, 11);
  rmSync(bin('stall'));
  await node.start();
  await eventually('both are undone', async () => journal().length === 0);
  // The plugin's DEL calls us while the agent is not ready yet: it must not wait for that.
  assert.doesNotMatch(node.log(), /did not end its DEL/);
  assert.equal((await node.call({ command: 'DEL', ...request }).done).exitCode, 0);
  await cluster.deletePod('a');
  await eventually('the claim is released', async () => (await cluster.claims()).length === 0);
});

test('a chain of ours and theirs is undone in reverse, with the recorded configuration, after a restart of the agent', {
  skip,
}, async () => {
  ip('link add up0 type veth peer name up1');
  try {
    const pod = await cluster.createPod('a', { annotations: { 'k8s.v1.cni.cncf.io/networks': 'mixed' } });
    const macvlan = { type: 'macvlan', master: 'up0', ipam: { type: 'whereabouts', range: '172.19.0.0/24' } };
    await cluster.createNad('mixed', { cniVersion: '1.0.0', name: 'mixed', plugins: [macvlan, { type: 'witness' }] });
    writeFileSync(
      bin('witness'),
      '#!/bin/sh\nconf=$(cat)\nip -n ul-test-n1-c link show net1 >/dev/null && there=yes || there=no\n' +
        'printf "%s %s %s\\n" "$CNI_COMMAND" "$there" "$conf" >>"$(dirname "$0")/witness.log"\n' +
        '[ "$CNI_COMMAND" = ADD ] && printf %s "$conf" | sed "s/.*\\"prevResult\\":\\(.*\\)}$/\\1/"\nexit 0\n',
      { mode: 0o755 },
    );
    const { exitCode, stdout } = await node.call({ command: 'ADD', containerId: 'c', pod, netns: node.makeNetns('c') })
      .done;
    assert.equal(exitCode, 0, stdout);
    await node.kill('SIGKILL');
    await node.start();
    // The NAD is gone: DEL must not need it.
    await cluster.client.delete(
      {
        group: 'k8s.cni.cncf.io',
        version: 'v1',
        plural: 'network-attachment-definitions',
        kind: 'NetworkAttachmentDefinition',
        isNamespaced: true,
      },
      { namespace: 'default', name: 'mixed' },
    );
    assert.equal((await node.call({ command: 'DEL', containerId: 'c', pod }).done).exitCode, 0);
    const calls = readFileSync(bin('witness.log'), 'utf8')
      .trim()
      .split('\n')
      .map(line => line.split(' ', 2));
    assert.deepEqual(calls, [
      ['ADD', 'yes'],
      ['DEL', 'yes'],
    ]);
    assert.match(readFileSync(bin('foreign.log'), 'utf8'), /^ADD c eth0\nDEL c eth0\n$/);
    assert.deepEqual(journal(), []);
  } finally {
    ip('link del up0');
  }
});

test('an ADD names what a bad third-party plugin did, with its own error code', { skip }, async () => {
  const bad: readonly (readonly [string, string, number, RegExp])[] = [
    ['fails', 'echo \'{"code":123,"msg":"no such cable"}\'; exit 1', 123, /no such cable/],
    ['crashes', 'kill -SEGV $$', 999, /"crashes".*SIGSEGV/],
    ['rubbish', 'echo hello', 6, /"rubbish"/],
    ['silent', 'exit 0', 6, /"silent"/],
  ];
  for (const [name, script, code, message] of bad) {
    writeFileSync(bin(name), `#!/bin/sh\n[ "$CNI_COMMAND" = ADD ] || exit 0\n${script}\n`, { mode: 0o755 });
    const { exitCode, json } = await node.call({
      command: 'ADD',
      containerId: name,
      netns: node.makeNetns(name),
      config: {
        cniVersion: '1.0.0',
        name: 'x',
        type: 'underlane',
        delegates: [{ cniVersion: '1.0.0', name: 'x', type: name }],
      },
    }).done;
    assert.equal(exitCode, 1, name);
    assert.match(json.msg, message, name);
    assert.equal(json.code, code, `${name}: ${json.msg}`);
  }
  assert.deepEqual(journal(), []);
});
