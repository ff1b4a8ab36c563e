import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Pod } from '#api';
import { parseRequest } from '#cni';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { eventually } from '../agent/test-node.ts';
import type { AttachNode } from './node.ts';
import { setEachScene } from './scene.ts';
import { ip, type World } from './world.ts';

/** Several addresses on one NIC, of both families, on a real kernel. */
const { skip } = skipUnlessRing2();

let world: World;
let node: AttachNode;

setEachScene(skip, async scene => {
  ({ world } = scene);
  node = await scene.startNode();
});

interface IpAddress {
  readonly family: string;
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
  readonly tentative?: boolean;
}

function macvlan(ipam: Readonly<Record<string, unknown>>) {
  return {
    cniVersion: '1.0.0',
    name: 'second',
    type: 'macvlan',
    master: 'up0',
    ipam: { type: 'whereabouts', ...ipam },
  };
}

function call(command: 'ADD' | 'DEL' | 'CHECK', containerId: string, pod: Pod, netns?: string): Promise<string> {
  const { name, uid } = pod.metadata;
  const owner = { name, ...(uid === undefined ? {} : { uid }) };
  return node.call(command, { containerId, pod: owner, ...(netns === undefined ? {} : { netns }) });
}

/** Global addresses of a pod's interface, as `ip` tells them. */
function addressesOf(name: string, dev: string): readonly string[] {
  const [link] = JSON.parse(ip(`-n ul-test-${name} -j addr show dev ${dev}`)) as { addr_info: IpAddress[] }[];
  const found = (link?.addr_info ?? []).filter(({ scope }) => scope === 'global');
  assert.ok(found.every(({ tentative }) => tentative !== true));
  return found.map(({ local, prefixlen }) => `${local}/${prefixlen}`);
}

async function claimsOf(dev: string): Promise<readonly (readonly [number, string])[]> {
  const claims = await world.cluster.claims();
  return claims
    .filter(({ spec }) => spec.owner.interface === dev)
    .map(({ spec }) => [spec.owner.slot, spec.address] as const)
    .sort(([a], [b]) => a - b);
}

test('a dual-stack pod gets an address of each range, its own gateway for each family, and gives both back', {
  skip,
}, async () => {
  await world.createNad(
    'dual',
    macvlan({
      range: '172.18.40.0/24',
      ipRanges: [{ range: 'fd00:40::/64', range_start: 'fd00:40::10' }],
      gateway: 'fd00:40::1',
      routes: [{ dst: 'fd00:99::/64' }],
      addresses: [{ address: '172.18.41.9/24' }],
    }),
  );
  const pod = await world.createPod('dual', '[{"name": "dual", "ips": ["fd00:40::20"]}]');
  const netns = world.makeNetns('dual');
  await call('ADD', 'dual', pod, netns);
  const claims = await claimsOf('net1');
  assert.deepEqual(claims, [
    [0, claims[0]?.[1]],
    [1, 'fd00:40::20/64'],
  ]);
  assert.match(claims[0]?.[1] ?? '', /^172\.18\.40\.\d+\/24$/);
  assert.deepEqual(addressesOf('dual', 'net1'), [claims[0]?.[1], '172.18.41.9/24', 'fd00:40::20/64']);
  assert.match(ip('-n ul-test-dual -6 route'), /^fd00:99::\/64 via fd00:40::1 dev net1/m);
  await call('CHECK', 'dual', pod, netns);
  await call('DEL', 'dual', pod, netns);
  await world.deletePod('dual');
  await eventually('both claims are released', async () => (await claimsOf('net1')).length === 0);
});

test('two ranges of one family give two addresses, and a new sandbox of the pod the same two', { skip }, async () => {
  await world.createNad('two', macvlan({ ipRanges: [{ range: '172.18.50.0/24' }, { range: '172.18.50.0/24' }] }));
  const pod = await world.createPod('two', 'two');
  await call('ADD', 'first', pod, world.makeNetns('first'));
  const claims = await claimsOf('net1');
  assert.deepEqual(
    claims.map(([slot]) => slot),
    [0, 1],
  );
  const addresses = claims.map(([, address]) => address);
  assert.equal(new Set(addresses).size, 2);
  assert.deepEqual(addressesOf('first', 'net1'), addresses);
  await call('ADD', 'second', pod, world.makeNetns('second'));
  assert.deepEqual(addressesOf('second', 'net1'), addresses);
  assert.deepEqual(await claimsOf('net1'), claims);
});

test('an exhausted second range fails the ADD, names itself, and leaves no claim on the first', { skip }, async () => {
  await world.createNad(
    'tight',
    macvlan({ ipRanges: [{ range: '172.18.60.0/24' }, { range: 'fd00:60::5-fd00:60::5/64' }] }),
  );
  const holder = await world.createPod('holder', 'tight');
  await call('ADD', 'holder', holder, world.makeNetns('holder'));
  const before = await world.leftOvers();
  const late = await world.createPod('late', 'tight');
  const netns = world.makeNetns('late');
  await assert.rejects(call('ADD', 'late', late, netns), {
    code: 'POOL_EXHAUSTED',
    message: /range fd00:60::5-fd00:60::5\/64 .+ none of its 1 usable addresses is free$/,
  });
  const after = (await world.leftOvers()) as { readonly claims: readonly string[] };
  assert.deepEqual(after.claims, (before as typeof after).claims);
});

test('static addresses need no claim; those that the pod asks for take their place', { skip }, async () => {
  const addresses = [{ address: '172.18.70.5/24', gateway: '172.18.70.1' }, { address: 'fd00:70::5/64' }];
  await world.createNad('fixed', macvlan({ type: 'static', addresses, routes: [{ dst: '10.77.0.0/16' }] }));
  const pod = await world.createPod('fixed', 'fixed');
  await call('ADD', 'fixed', pod, world.makeNetns('fixed'));
  assert.deepEqual(addressesOf('fixed', 'net1'), ['172.18.70.5/24', 'fd00:70::5/64']);
  const asking = await world.createPod('asking', '[{"name": "fixed", "ips": ["172.18.70.6/24"]}]');
  await call('ADD', 'asking', asking, world.makeNetns('asking'));
  assert.deepEqual(addressesOf('asking', 'net1'), ['172.18.70.6/24']);
  assert.match(ip('-n ul-test-asking route'), /^10\.77\.0\.0\/16 via 172\.18\.70\.1 dev net1/m);
  assert.deepEqual(await claimsOf('net1'), []);
});

test("a node's Whereabouts settings stand in for what a network leaves open", { skip }, async () => {
  mkdirSync(join(world.dir, 'conf', 'whereabouts.d'));
  const file = { datastore: 'kubernetes', range: '172.18.80.0/24', gateway: '172.18.80.1', network_name: 'flat' };
  writeFileSync(join(world.dir, 'conf', 'whereabouts.d', 'whereabouts.conf'), JSON.stringify(file));
  await world.createNad('flat', macvlan({ range: '172.18.80.0/25' }));
  const pod = await world.createPod('flat', 'flat');
  await call('ADD', 'flat', pod, world.makeNetns('flat'));
  const claims = await world.cluster.claims();
  const claim = claims.find(({ spec }) => spec.owner.interface === 'net1');
  assert.match(claim?.metadata.name ?? '', /^flat-172\.18\.80\./);
  assert.deepEqual([claim?.spec.pool.name, claim?.spec.gateway], ['flat-172.18.80.0-25', '172.18.80.1']);
});

/** An IPAM plugin by its own name, as a third-party plugin calls it. */
async function ipamAlone(plugin: string, config: Readonly<Record<string, unknown>>, args: string): Promise<unknown> {
  const env = {
    CNI_COMMAND: 'ADD',
    CNI_CONTAINERID: 'alone',
    CNI_IFNAME: 'eth0',
    CNI_PATH: '/x',
    CNI_NETNS: '/x',
    CNI_ARGS: args,
  };
  const stdin = JSON.stringify({ cniVersion: '1.0.0', name: 'alone', type: 'theirs', ...config });
  const reply = await node.attacher.handle(parseRequest({ plugin, env, stdin }), {
    signal: new AbortController().signal,
  });
  return (JSON.parse(reply) as { readonly ips: unknown }).ips;
}

test('static by its own name: CNI_ARGS add to the configuration, args.cni and runtimeConfig replace it', {
  skip,
}, async () => {
  const ipam = { type: 'static', addresses: [{ address: '10.1.0.5/24', gateway: '10.1.0.1' }] };
  const args = 'IP=10.2.0.5/24,fd00::5/64;GATEWAY=10.2.0.1';
  assert.deepEqual(await ipamAlone('static', { ipam }, args), [
    { address: '10.1.0.5/24', gateway: '10.1.0.1' },
    { address: '10.2.0.5/24', gateway: '10.2.0.1' },
    { address: 'fd00::5/64' },
  ]);
  const cni = { cni: { ips: ['10.1.0.6/24'] } };
  assert.deepEqual(await ipamAlone('static', { ipam, args: cni }, args), [
    { address: '10.1.0.6/24', gateway: '10.1.0.1' },
  ]);
  const runtimeConfig = { ips: ['10.3.0.7/24'] };
  assert.deepEqual(await ipamAlone('static', { ipam, args: cni, runtimeConfig }, args), [{ address: '10.3.0.7/24' }]);
});

test('whereabouts by its own name: CNI_ARGS ask for an address of a range, and add one of no range', {
  skip,
}, async () => {
  const ipam = { type: 'whereabouts', range: '172.18.90.0/24' };
  assert.deepEqual(await ipamAlone('whereabouts', { ipam }, 'IP=10.2.0.5/24,172.18.90.7;GATEWAY=10.2.0.1'), [
    { address: '172.18.90.7/24' },
    { address: '10.2.0.5/24', gateway: '10.2.0.1' },
  ]);
});
