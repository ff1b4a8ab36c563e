import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { setEachLan } from '../agent/on-lan.ts';
import type { TestCluster } from '../agent/test-cluster.ts';
import { ip, type TestNode } from '../agent/test-node.ts';
import { noReference, REFERENCE_DIR } from './program.ts';
import { VERSIONS } from './vectors.ts';

/** Configuration lists of our plugins and others', through the pod pipeline, in every version. */
const { skip } = skipUnlessRing2();
const TUNING = join(REFERENCE_DIR, 'tuning');

let dir: string;
let cluster: TestCluster;
let node: TestNode;

setEachLan(skip, async lan => {
  ({ dir, cluster } = lan);
  node = await lan.startNode();
  if (!noReference) symlinkSync(TUNING, bin('tuning'));
  writeFileSync(bin('witness'), WITNESS, { mode: 0o755 });
});

function bin(name: string): string {
  return join(dir, 'n1', 'bin', name);
}

/** A main plugin of the time before interfaces had names in results: it says an address and nothing else. */
const WITNESS = `#!/bin/sh
conf=$(cat)
printf '%s %s %s\\n' "$CNI_COMMAND" "$CNI_IFNAME" "$conf" >>"$(dirname "$0")/witness.log"
[ "$CNI_COMMAND" = ADD ] && echo '{"cniVersion":"0.2.0","ip4":{"ip":"10.9.0.5/16"},"dns":{}}'
exit 0
`;

interface Heard {
  readonly call: string;
  readonly config: Readonly<Record<string, unknown>>;
}

function heard(): readonly Heard[] {
  const lines = readFileSync(bin('witness.log'), 'utf8').trim().split('\n');
  return lines.map(line => {
    const [command = '', ifname = ''] = line.split(' ', 2);
    const config = JSON.parse(line.slice(command.length + ifname.length + 2)) as Heard['config'];
    return { call: `${command} ${ifname}`, config };
  });
}

const MACVLAN = { type: 'macvlan', master: 'up0', ipam: { type: 'host-local', subnet: '172.18.0.0/24' } };

// The reference knows neither 1.1.0 nor chains before 0.3.0.
for (const version of VERSIONS.filter(each => each >= '0.3.0' && each < '1.1.0')) {
  test(`our macvlan and the reference's tuning are one chain in ${version}`, {
    skip: skip || noReference,
  }, async () => {
    const sysctl = { 'net.ipv4.conf.eth0.log_martians': '1' };
    const plugins = [MACVLAN, { type: 'tuning', sysctl, dataDir: join(dir, 'tuning') }];
    const config = {
      cniVersion: '1.0.0',
      name: 'cluster',
      type: 'underlane',
      delegates: [{ cniVersion: version, name: 'mixed', plugins }],
    };
    const netns = node.makeNetns('c');
    const call = (command: 'ADD' | 'CHECK' | 'DEL') => node.call({ command, containerId: 'c', netns, config }).done;
    const added = await call('ADD');
    assert.equal(added.exitCode, 0, added.stdout);
    assert.equal(added.json.cniVersion, '1.0.0');
    assert.deepEqual(
      added.json.interfaces.map(({ name }: { readonly name: string }) => name),
      ['eth0'],
    );
    assert.equal(added.json.ips[0].address, '172.18.0.2/24');
    const read = ['sh', '-c', 'cat /proc/sys/net/ipv4/conf/eth0/log_martians'];
    assert.equal(execFileSync('nsenter', [`--net=${netns}`, ...read], { encoding: 'utf8' }).trim(), '1');
    // The runtime asks in its own version; a plugin that has no CHECK is not asked.
    const checked = await call('CHECK');
    assert.equal(checked.exitCode, 0, checked.stdout);
    for (const _time of [1, 2]) assert.equal((await call('DEL')).exitCode, 0);
    assert.doesNotMatch(ip('-n ul-test-n1-c link'), /eth0/);
  });
}

test('a plugin of 0.2.0 gets neither prevResult nor a verb that it does not know, and is told of in the status', {
  skip,
}, async () => {
  const pod = await cluster.createPod('a');
  const delegates = [{ cniVersion: '0.2.0', name: 'old', type: 'witness' }];
  const config = { cniVersion: '1.0.0', name: 'cluster', type: 'underlane', delegates };
  const { exitCode, json, stdout } = await node.call({
    command: 'ADD',
    containerId: 'c',
    pod,
    netns: node.makeNetns('c'),
    config,
  }).done;
  assert.equal(exitCode, 0, stdout);
  assert.deepEqual(json, { cniVersion: '1.0.0', ips: [{ address: '10.9.0.5/16' }] });
  assert.equal((await node.call({ command: 'DEL', containerId: 'c', pod, config }).done).exitCode, 0);
  const own = { type: 'witness', cniVersion: '0.2.0', name: 'old' };
  assert.deepEqual(heard(), [
    { call: 'ADD eth0', config: own },
    { call: 'DEL eth0', config: own },
  ]);
});

test('a network that forbids CHECK is passed over, whatever became of its interface', { skip }, async () => {
  const netns = node.makeNetns('c');
  for (const [disableCheck, exitCode] of [
    [false, 1],
    ['true', 0],
  ] as const) {
    const delegates = [{ cniVersion: '1.0.0', name: 'lan', disableCheck, plugins: [MACVLAN] }];
    const config = { cniVersion: '1.0.0', name: 'cluster', type: 'underlane', delegates };
    const call = (command: 'ADD' | 'CHECK' | 'DEL') => node.call({ command, containerId: 'c', netns, config }).done;
    assert.equal((await call('ADD')).exitCode, 0);
    ip('-n ul-test-n1-c link set eth0 down');
    ip('-n ul-test-n1-c addr flush dev eth0');
    assert.equal((await call('CHECK')).exitCode, exitCode);
    assert.equal((await call('DEL')).exitCode, 0);
  }
});

test('capability arguments: the runtime’s go to the default network, the annotation’s to its own', {
  skip,
}, async () => {
  const capabilities = { mac: true, ips: true, portMappings: true };
  const plugin = { cniVersion: '1.0.0', type: 'witness', capabilities };
  await cluster.createNad('second', { ...plugin, name: 'second' });
  const asked = [{ name: 'second', mac: '0a:58:0a:00:00:05', ips: ['10.9.0.9/16'] }, { name: 'second' }];
  const pod = await cluster.createPod('a', { annotations: { 'k8s.v1.cni.cncf.io/networks': JSON.stringify(asked) } });
  const portMappings = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }];
  const { exitCode, stdout } = await node.call({
    command: 'ADD',
    containerId: 'c',
    pod,
    netns: node.makeNetns('c'),
    config: {
      cniVersion: '1.0.0',
      name: 'cluster',
      type: 'underlane',
      delegates: [{ ...plugin, name: 'first' }],
      runtimeConfig: { portMappings, bandwidth: { ingressRate: 1 } },
    },
  }).done;
  assert.equal(exitCode, 0, stdout);
  assert.deepEqual(
    heard().map(({ call, config }) => [call, config['runtimeConfig'], config['capabilities']]),
    [
      ['ADD eth0', { portMappings }, undefined],
      ['ADD net1', { mac: '0a:58:0a:00:00:05', ips: ['10.9.0.9/16'] }, undefined],
      ['ADD net2', undefined, undefined],
    ],
  );
});
