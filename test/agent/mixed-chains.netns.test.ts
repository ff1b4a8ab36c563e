import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { NETWORK_ATTACHMENT_DEFINITIONS } from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { noReference, REFERENCE_DIR } from '../conformance/program.ts';
import { type Lan, setEachLan } from './on-lan.ts';
import type { TestCluster } from './test-cluster.ts';
import { eventually, hostSnapshot, ip, type TestNode } from './test-node.ts';

/** The reference plugins, as Debian packs them, and ours in one chain; ours called by theirs; a primary network of theirs. */
const { skip: noNamespace } = skipUnlessRing2();
const skip = noNamespace || noReference;

const MANY = 50;
const POOL = { type: 'whereabouts', range: '172.18.30.1-172.18.30.200/16' };
let lan: Lan;
let dir: string;
let cluster: TestCluster;
let node: TestNode;

setEachLan(skip, made => {
  lan = made;
  ({ dir, cluster } = lan);
});

async function start(defaultNetwork: object, ...flags: readonly string[]): Promise<void> {
  node = await lan.startNode({ defaultNetwork, flags });
  // What we implement is never exec'd: theirs get names of their own. They look for ours among their own kind.
  for (const name of ['bridge', 'macvlan', 'ptp']) symlinkSync(join(REFERENCE_DIR, name), bin(`ref-${name}`));
  for (const name of ['tuning', 'portmap']) symlinkSync(join(REFERENCE_DIR, name), bin(name));
  for (const name of ['whereabouts', 'host-local']) symlinkSync(resolve(`dist/cni/${name}`), bin(name));
  for (const name of ['one', 'two']) writeFileSync(bin(name), WITNESS, { mode: 0o755 });
}

function bin(name: string): string {
  return join(dir, 'n1', 'bin', name);
}

/** Passes the result on and notes which links there are in the pod when it is asked. */
const WITNESS = `#!/bin/sh
conf=$(cat)
links=$(ip -n "\${CNI_NETNS##*/}" -o link | sed 's/^[0-9]*: //; s/[@:].*//' | grep -v '^lo$' | sort | tr '\\n' ',')
echo "$CNI_COMMAND \${0##*/} $CNI_IFNAME $links" >>"$(dirname "$0")/witness.log"
[ "$CNI_COMMAND" = ADD ] && printf %s "$conf" | sed 's/.*"prevResult"://; s/}$//'
exit 0
`;

function witnessed(): readonly string[] {
  return readFileSync(bin('witness.log'), 'utf8').trim().split('\n');
}

function journal(): readonly string[] {
  return readdirSync(join(dir, 'n1', 'state', 'journal'));
}

async function assertAllReleased(): Promise<void> {
  await eventually('all claims are released', async () => (await cluster.claims()).length === 0);
  assert.deepEqual(journal(), []);
}

for (const [name, keys] of [
  ['bridge', { bridge: 'ultest0' }],
  ['macvlan', { master: 'up0' }],
] as const) {
  test(`${MANY} of Debian’s ${name} at once call our whereabouts, one after another: none waits for ever`, {
    skip,
  }, async () => {
    await start(
      { cniVersion: '1.0.0', name: 'lan', plugins: [{ type: `ref-${name}`, ...keys, ipam: POOL }] },
      '--parallel',
      '1',
    );
    const pods = await Promise.all(Array.from({ length: MANY }, (_, index) => cluster.createPod(`p${index}`)));
    const requests = pods.map((pod, index) => ({ pod, containerId: `c${index}`, netns: node.makeNetns(`c${index}`) }));
    const added = await Promise.all(requests.map(request => node.call({ command: 'ADD', ...request }).done));
    assert.deepEqual(
      added.filter(({ exitCode }) => exitCode !== 0).map(({ stdout }) => stdout),
      [],
    );
    assert.equal(new Set(added.map(({ json }) => json.ips[0].address)).size, MANY);
    for (const { metadata } of pods) await cluster.deletePod(metadata.name);
    const deleted = await Promise.all(requests.map(request => node.call({ command: 'DEL', ...request }).done));
    assert.deepEqual(
      deleted.filter(({ exitCode }) => exitCode !== 0).map(({ stdout }) => stdout),
      [],
    );
    await assertAllReleased();
  });
}

const VETH = { type: 'veth', service_hijack_subnet: ['10.96.0.0/12'], overlay_hijack_subnet: ['10.244.0.0/16'] };
const UP_ADDRESS = { type: 'tuning', sysctl: { 'net.ipv4.conf.net1.log_martians': '1' } };

test('chains of theirs and ours, in any order, are undone in reverse, each plugin among the links that it was made among', {
  skip,
}, async () => {
  await start({
    cniVersion: '1.0.0',
    name: 'lan',
    plugins: [{ type: 'macvlan', master: 'up0', ipam: POOL }, { type: 'one' }, VETH, { type: 'two' }],
  });
  ip('addr add 172.18.0.2/16 dev up0');
  const tuning = { ...UP_ADDRESS, dataDir: join(dir, 'tuning') };
  await cluster.createNad('theirs', {
    cniVersion: '1.0.0',
    plugins: [{ type: 'ref-macvlan', master: 'up0', ipam: POOL }, { type: 'one' }, tuning, { type: 'two' }],
  });
  await cluster.createNad('last', {
    cniVersion: '1.0.0',
    plugins: [{ type: 'ref-bridge', bridge: 'ultest0', ipam: POOL }, { type: 'two' }],
  });
  const pod = await cluster.createPod('a', { annotations: { 'k8s.v1.cni.cncf.io/networks': 'theirs,last' } });
  const request = { containerId: 'c', netns: node.makeNetns('c'), pod };
  const clean = hostSnapshot();
  const added = await node.call({ command: 'ADD', ...request }).done;
  assert.equal(added.exitCode, 0, added.stdout);
  const checked = await node.call({ command: 'CHECK', ...request }).done;
  assert.equal(checked.exitCode, 0, checked.stdout);
  await cluster.deletePod('a');
  const deleted = await node.call({ command: 'DEL', ...request }).done;
  assert.equal(deleted.exitCode, 0, deleted.stdout);
  const calls = witnessed();
  const adds = calls.filter(line => line.startsWith('ADD ')).map(line => line.slice(4));
  assert.deepEqual(adds, [
    'one eth0 eth0,',
    'two eth0 eth0,veth0,',
    'one net1 eth0,net1,veth0,',
    'two net1 eth0,net1,veth0,',
    'two net2 eth0,net1,net2,veth0,',
  ]);
  assert.deepEqual(
    calls.filter(line => line.startsWith('DEL ')).map(line => line.slice(4)),
    adds.toReversed(),
  );
  await assertAllReleased();
  ip('link del ultest0');
  assert.deepEqual(hostSnapshot(), clean);
});

/** The portmap that Debian 12 has fails its CHECK where a pod has no IPv6 address. */
const PRIMARY = { cniVersion: '0.4.0', name: 'primary', disableCheck: true };

/** iptables' own tables, as portmap and masquerading leave them. */
function natRules(): readonly string[] {
  const rules = execFileSync('iptables', ['-t', 'nat', '-S'], { encoding: 'utf8' });
  return rules.split('\n').filter(rule => /10\.244\.9\.|CNI-DN/.test(rule));
}

for (const main of ['ptp', 'ref-ptp', 'ref-bridge'] as const) {
  test(`the node’s own primary network, ${main} and portmap, is the default network`, { skip }, async () => {
    const ipam = { type: 'host-local', subnet: '10.244.9.0/24', routes: [{ dst: '0.0.0.0/0' }] };
    const bridge = main === 'ref-bridge' ? { bridge: 'ultest0', isGateway: true } : {};
    const portmap = { type: 'portmap', capabilities: { portMappings: true }, snat: true };
    await start({ ...PRIMARY, plugins: [{ type: main, ...bridge, ipam }, portmap] });
    await cluster.createNad('second', { cniVersion: '1.0.0', type: 'macvlan', master: 'up0', ipam: POOL });
    const pod = await cluster.createPod('a', { annotations: { 'k8s.v1.cni.cncf.io/networks': 'second' } });
    const request = {
      containerId: 'c',
      netns: node.makeNetns('c'),
      pod,
      config: {
        cniVersion: '0.4.0',
        name: 'multus-cni-network',
        type: 'multus-shim',
        clusterNetwork: join(dir, 'n1', 'conf', '10-plain.conflist'),
        runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
      },
      plugin: 'multus-shim',
    };
    const added = await node.call({ command: 'ADD', ...request }).done;
    assert.equal(added.exitCode, 0, added.stdout);
    assert.match(added.json.ips[0].address, /^10\.244\.9\./);
    assert.match(natRules().join('\n'), /--dport 8080 -j DNAT --to-destination 10\.244\.9\.\d+:80/);
    const checked = await node.call({ command: 'CHECK', ...request }).done;
    assert.equal(checked.exitCode, 0, checked.stdout);
    // CHECK reaches every network, also where the default one is a file.
    ip('-n ul-test-n1-c link set net1 down');
    const broken = await node.call({ command: 'CHECK', ...request }).done;
    assert.equal(broken.exitCode, 1);
    assert.match(broken.json.msg, /net1/);
    // All that a DEL could want to ask is gone.
    rmSync(join(dir, 'n1', 'conf', '10-plain.conflist'));
    await cluster.client.delete(NETWORK_ATTACHMENT_DEFINITIONS, { namespace: 'default', name: 'second' });
    await cluster.deletePod('a');
    await cluster.goAway();
    const { netns: _gone, ...bare } = request;
    for (const _time of [1, 2]) {
      const deleted = await node.call({ command: 'DEL', ...bare }).done;
      assert.equal(deleted.exitCode, 0, deleted.stdout);
    }
    assert.doesNotMatch(natRules().join('\n'), /--dport 8080/);
    await cluster.comeBack();
    await assertAllReleased();
  });
}
