import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { IPAM_CLAIMS, type IPAMClaim, type Pod } from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { eventually } from '../agent/test-node.ts';
import type { AttachNode } from './node.ts';
import { setEachScene } from './scene.ts';
import { ip, WHEREABOUTS, type World } from './world.ts';

/** `ipam-claim-reference` through the whole pipeline. */
const { skip } = skipUnlessRing2();

const NAME = { namespace: 'default', name: 'vm1.kept' };
const NETWORKS = JSON.stringify([{ name: 'kept', 'ipam-claim-reference': NAME.name }]);

let world: World;
let node: AttachNode;
let events: string[];

setEachScene(skip, async scene => {
  ({ world } = scene);
  events = [];
  node = await scene.startNode({
    events: {
      record: (_pod, type, _reason, message) => void (type === 'Warning' && events.push(message)),
      flush: async () => undefined,
      dropped: 0,
    },
  });
  await world.cluster.client.create(IPAM_CLAIMS, {
    metadata: NAME,
    spec: { network: 'kept', interface: 'net1' },
  });
});

async function createNad(ipam: unknown, ...chain: readonly unknown[]): Promise<void> {
  const macvlan = { type: 'macvlan', master: 'up0', ipam };
  await world.createNad('kept', { cniVersion: '1.0.0', name: 'kept', plugins: [macvlan, ...chain] });
}

async function add(pod: Pod): Promise<void> {
  const { name, uid } = pod.metadata;
  const path = `/run/netns/ul-test-${name}`;
  const netns = existsSync(path) ? path : world.makeNetns(name);
  await node.call('ADD', { containerId: name, netns, pod: { name, ...(uid === undefined ? {} : { uid }) } });
}

async function end(name: string): Promise<void> {
  await node.call('DEL', { containerId: name, pod: { name } });
  await world.deletePod(name);
}

function addressOf(pod: string): string {
  const links = JSON.parse(ip(`-n ul-test-${pod} -j -4 addr show net1`)) as {
    readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
  }[];
  return links[0]?.addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`).join() ?? '';
}

function read(): Promise<IPAMClaim> {
  return world.cluster.client.get(IPAM_CLAIMS, NAME);
}

/** What is in its status for people to see. */
async function seen(): Promise<unknown> {
  const { status } = await read();
  return { ips: status?.ips, ownerPod: status?.ownerPod };
}

test('the addresses of an IPAMClaim go from pod to pod, and go with it', { skip }, async () => {
  await createNad(WHEREABOUTS);
  const first = await world.createPod('a', NETWORKS);
  await add(first);
  const address = addressOf('a');
  assert.deepEqual(await seen(), { ips: [address], ownerPod: 'a' });
  const second = await world.createPod('b', NETWORKS);
  await assert.rejects(add(second), { code: 'IPAM_CLAIM_IN_USE' });
  await end('a');
  await eventually("the pod's own address is released", async () => {
    return (await world.leftOvers()).claims.join() === `default-${address.split('/')[0]}`;
  });
  await add(second);
  assert.equal(addressOf('b'), address);
  assert.deepEqual(await seen(), { ips: [address], ownerPod: 'b' });
  await world.cluster.client.delete(IPAM_CLAIMS, NAME);
  await end('b');
  await eventually('everything is released', async () => {
    const { claims, queue, journal } = await world.leftOvers();
    return claims.length + queue.length + journal.length === 0;
  });
});

test('an ADD that fails leaves the address to the IPAMClaim, and the next has it', { skip }, async () => {
  await createNad(WHEREABOUTS, { type: 'cable' });
  writeFileSync(join(world.dir, 'bin', 'on-ADD'), 'exit 1');
  const pod = await world.createPod('a', NETWORKS);
  await assert.rejects(add(pod));
  const { status } = await read();
  assert.equal(status?.ips?.length, 1);
  writeFileSync(join(world.dir, 'bin', 'on-ADD'), ':');
  await node.call('ADD', { containerId: 'again', netns: world.makeNetns('again'), pod: { name: 'a' } });
  assert.deepEqual([addressOf('again')], status?.ips);
});

test('a third-party plugin gets the reference in args.cni', { skip }, async () => {
  await createNad({ type: 'static', addresses: [{ address: '10.1.0.5/24' }] }, { type: 'cable' });
  writeFileSync(join(world.dir, 'bin', 'on-ADD'), 'printf %s "$conf" >"$here/conf"');
  await add(await world.createPod('told', NETWORKS));
  const conf = JSON.parse(readFileSync(join(world.dir, 'bin', 'conf'), 'utf8'));
  assert.deepEqual(conf.args, { cni: { 'ipam-claim-reference': NAME.name } });
  // What the configuration names is written down, too.
  assert.deepEqual(await seen(), { ips: ['10.1.0.5/24'], ownerPod: 'told' });
});

test('one IPAMClaim for the default network and another is refused', { skip }, async () => {
  await createNad(WHEREABOUTS);
  const kept = [{ name: 'kept', namespace: 'default', 'ipam-claim-reference': NAME.name }];
  const pod = await world.createPod('both', NETWORKS, { 'v1.multus-cni.io/default-network': JSON.stringify(kept) });
  await assert.rejects(add(pod), {
    code: 'NETWORK_CONFIG',
    message: 'Cannot attach "net1": ipam-claim-reference is "vm1.kept", expected one that "eth0" does not refer to',
  });
});

test('an interface name that the IPAMClaim has for nothing is told of, and no more', { skip }, async () => {
  await createNad(WHEREABOUTS);
  const asked = { name: 'kept', interface: 'lan0', 'ipam-claim-reference': NAME.name };
  await add(await world.createPod('named', JSON.stringify([asked])));
  assert.deepEqual(events, [
    'IPAMClaim "default/vm1.kept": spec.interface is "net1", which does nothing: the attachment is "lan0"',
  ]);
});

test('a reference that would do nothing is refused before anything is made', { skip }, async () => {
  const at =
    'Cannot use NetworkAttachmentDefinition "default/kept": the pod\'s ipam-claim-reference is "vm1.kept", but';
  const before = await world.leftOvers();
  await createNad({ type: 'host-local', subnet: '10.3.0.0/24' });
  const pod = await world.createPod('a', NETWORKS);
  await assert.rejects(add(pod), {
    code: 'NETWORK_CONFIG',
    message: `${at} its ipam is host-local, whose addresses end with their pod, expected one that knows the whole cluster`,
  });
  assert.deepEqual({ ...(await world.leftOvers()), pods: [] }, { ...before, pods: [] });
});
