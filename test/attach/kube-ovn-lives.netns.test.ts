import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEPLOYMENTS, KUBE_OVN_SUBNETS, PODS, type Pod } from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { eventually } from '../agent/test-node.ts';
import type { AttachNode } from './node.ts';
import { addressOf, routesOf } from './pod-kernel.ts';
import { setEachScene } from './scene.ts';
import type { World } from './world.ts';

/** A cluster in which Kube-OVN itself manages its Subnets: a stand-in for its controller, and one for its plugin. */
const { skip } = skipUnlessRing2();

const KEY = 'macvlan.default.kubernetes.io/';

/**
 * As Kube-OVN's plugin: the pod's annotations as its controller has written them, as a CNI result. A pod without them fails after a
 * while. What it is called with goes into `calls`.
 */
const PLUGIN = (server: string, dir: string): string => `#!${process.execPath}
const { appendFileSync, readFileSync } = require('node:fs');
const config = JSON.parse(readFileSync(0, 'utf8'));
const { CNI_COMMAND, CNI_ARGS } = process.env;
appendFileSync(${JSON.stringify(join(dir, 'calls'))}, CNI_COMMAND + ' ' + config.ipam.provider + '\\n');
if (CNI_COMMAND === 'ADD') add(); else process.exit(0);
async function add() {
  const args = new Map(CNI_ARGS.split(';').map(pair => pair.split('=')));
  const url = '${server}/api/v1/namespaces/' + args.get('K8S_POD_NAMESPACE') + '/pods/' + args.get('K8S_POD_NAME');
  const key = config.ipam.provider + '.kubernetes.io/';
  for (let attempt = 0; attempt < 5; attempt++) {
    const { metadata } = await (await fetch(url)).json();
    const address = metadata.annotations[key + 'ip_address'];
    if (address !== undefined && metadata.annotations[key + 'allocated'] === 'true') {
      const length = metadata.annotations[key + 'cidr'].split('/')[1];
      const ips = [{ version: '4', address: address + '/' + length }];
      return process.stdout.write(JSON.stringify({ cniVersion: config.cniVersion, ips, routes: config.ipam.routes ?? [] }));
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  const details = 'request ip return 500 no address allocated to pod';
  process.stdout.write(JSON.stringify({ cniVersion: config.cniVersion, code: 11, msg: 'RPC failed', details }));
  process.exit(1);
}
`;

let world: World;
let node: AttachNode;

setEachScene(skip, async scene => {
  ({ world } = scene);
  const { client, server } = world.cluster;
  writeFileSync(join(world.dir, 'bin', 'kube-ovn'), PLUGIN(server, world.dir), { mode: 0o755 });
  await client.create(DEPLOYMENTS, {
    metadata: { namespace: 'kube-system', name: 'kube-ovn-controller' },
    spec: { replicas: 1 },
  });
  await client.create(KUBE_OVN_SUBNETS, {
    metadata: { name: 'macvlan', finalizers: ['kubeovn.io/kube-ovn-controller'] },
    spec: { provider: 'macvlan.default', cidrBlock: '172.17.0.0/16', gateway: '172.17.0.1' },
  });
  node = await scene.startNode();
  const ipam = {
    type: 'kube-ovn',
    server_socket: '/run/openvswitch/kube-ovn-daemon.sock',
    provider: 'macvlan.default',
    routes: [{ dst: '10.9.0.0/24', gw: '172.17.0.254' }],
  };
  await world.createNad('macvlan', { cniVersion: '0.3.1', name: 'macvlan', type: 'macvlan', master: 'up0', ipam });
});

/** As Kube-OVN's controller: one merge patch, with all results. */
async function allocate({ metadata: { name } }: Pod, address: string): Promise<void> {
  const annotations = Object.fromEntries(
    Object.entries({
      ip_address: address,
      cidr: '172.17.0.0/16',
      gateway: '172.17.0.1',
      allocated: 'true',
      mac_address: null,
      logical_switch: null,
      pod_nic_type: null,
    }).map(([key, value]) => [`${KEY}${key}`, value]),
  );
  await world.cluster.client.mergePatch(PODS, { namespace: 'default', name }, { metadata: { annotations } });
}

function call(command: 'ADD' | 'DEL', { metadata: { name, uid } }: Pod): Promise<string> {
  const path = `/run/netns/ul-test-${name}`;
  const netns = existsSync(path) ? path : world.makeNetns(name);
  return node.call(command, { containerId: name, netns, pod: { name, ...(uid === undefined ? {} : { uid }) } });
}

async function held(): Promise<readonly string[]> {
  const claims = await world.cluster.claims();
  return claims.flatMap(({ spec }) => (spec.pool.dialect === 'kube-ovn' ? [spec.address] : []));
}

function calls(): readonly string[] {
  return readFileSync(join(world.dir, 'calls'), 'utf8').trim().split('\n');
}

test("Kube-OVN's Subnets stay its own: its plugin tells the address, and is called again at the end", {
  skip,
}, async () => {
  const pod = await world.createPod('ka', 'macvlan');
  await allocate(pod, '172.17.0.9');
  await call('ADD', pod);
  assert.equal(addressOf('ka'), '172.17.0.9/16');
  assert.ok(routesOf('ka').includes('10.9.0.0/24 via 172.17.0.254'));
  assert.deepEqual(await held(), []);
  await call('DEL', pod);
  assert.deepEqual(calls(), ['ADD macvlan.default', 'DEL macvlan.default']);
});

test('what its plugin says fails the ADD, and nothing is handed out in its place', { skip }, async () => {
  const pod = await world.createPod('kb', 'macvlan');
  await assert.rejects(call('ADD', pod), /Plugin "kube-ovn" of network "default\/macvlan" failed its ADD: RPC failed/);
  assert.deepEqual(await held(), []);
});

test('once its controller is taken out and the Subnet is taken over, it is ours to hand out', { skip }, async () => {
  const { client } = world.cluster;
  await client.mergePatch(
    DEPLOYMENTS,
    { namespace: 'kube-system', name: 'kube-ovn-controller' },
    { spec: { replicas: 0 } },
  );
  const pod = await world.createPod('kc', 'macvlan');
  await assert.rejects(call('ADD', pod), { code: 'POOL_NOT_FOR_POD', message: /underlane migrate --from kube-ovn/ });
  await client.mergePatch(KUBE_OVN_SUBNETS, { name: 'macvlan' }, { metadata: { finalizers: null } });
  await eventually('the ADD', async () => call('ADD', pod).catch(() => undefined));
  assert.deepEqual(await held(), [addressOf('kc')]);
  assert.equal(existsSync(join(world.dir, 'calls')), false);
  await call('DEL', pod);
});
