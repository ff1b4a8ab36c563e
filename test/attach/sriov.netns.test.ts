import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { NETWORK_ATTACHMENT_DEFINITIONS, SPIDER_IP_POOLS } from '#api';
import { encodePodResources, podsWith, startTestKubelet } from '../../src/devices/testing.ts';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import type { AttachNode, Call } from './node.ts';
import { setEachScene } from './scene.ts';
import { ip, type World } from './world.ts';

/**
 * Virtual functions from kubelet into pods. No card here has any, so a tree of the test's own says of veths that they are:
 * the kernel moves them all the same, and refuses what only a card could do.
 */
const { skip } = skipUnlessRing2();

const RESOURCE = 'example.com/vf';
const CARD = '0000:03:00.0';
const IDS = ['0000:03:02.0', '0000:03:02.1'];
const ADDRESSES = { type: 'host-local', ranges: [[{ subnet: '10.9.0.0/24', rangeStart: '10.9.0.10' }]] };

let world: World;
let node: AttachNode;

setEachScene(skip, async scene => {
  ({ world } = scene);
  node = await scene.startNode();
  scene.ending.use(
    await startTestKubelet(join(world.dir, 'kubelet'), {
      v1: () => encodePodResources(podsWith(['p', 'q'], RESOURCE, [IDS])),
    }),
  );
  ip('link add ens1 mtu 9000 type veth peer name wire');
  ip('link add vf0 address 02:00:00:00:00:a0 type veth peer name wire0');
  ip('link add vf1 address 02:00:00:00:00:a1 mtu 1400 type veth peer name wire1');
  ip('link set vf1 up');
  const devices = join(world.dir, 'sysfs/bus/pci/devices');
  mkdirSync(join(devices, CARD, 'net/ens1'), { recursive: true });
  for (const [index, id] of IDS.entries()) {
    mkdirSync(join(devices, id, `net/vf${index}`), { recursive: true });
    symlinkSync(`../${CARD}`, join(devices, id, 'physfn'));
    symlinkSync(`../${id}`, join(devices, CARD, `virtfn${index}`));
    symlinkSync('../../drivers/iavf', join(devices, id, 'driver'));
  }
  await createNetwork('vf', {});
  await createNetwork('tagged', { vlan: 100 });
  scene.ending.defer(async () => {
    for (const name of ['p', 'q']) await node.call('DEL', callOf(name));
    for (const { ifname } of JSON.parse(ip('-j link')) as readonly IpLink[]) {
      if (ifname.startsWith('wire')) ip(`link delete ${ifname}`);
    }
  });
});

async function createNetwork(name: string, config: Readonly<Record<string, unknown>>): Promise<void> {
  await world.cluster.client.create(NETWORK_ATTACHMENT_DEFINITIONS, {
    metadata: { name, namespace: 'default', annotations: { 'k8s.v1.cni.cncf.io/resourceName': RESOURCE } },
    spec: { config: JSON.stringify({ cniVersion: '1.1.0', type: 'sriov', ipam: ADDRESSES, ...config }) },
  });
}

function callOf(name: string): Call {
  return { containerId: `c${name}`, netns: `/run/netns/ul-test-${name}`, pod: { name } };
}

async function add(name: string, networks: string): Promise<void> {
  await world.createPod(name, networks);
  world.makeNetns(name);
  await node.call('ADD', callOf(name));
}

interface IpLink {
  readonly ifname: string;
  readonly address: string;
  readonly mtu: number;
  readonly flags: readonly string[];
}

/** `vf1 02:00:00:00:00:a1 1400 UP` for each virtual function of one namespace. */
function functions(namespace = ''): readonly string[] {
  const links = JSON.parse(ip(`${namespace} -j link`.trim())) as readonly IpLink[];
  return links
    .filter(({ address }) => address.startsWith('02:00:00:00:00:'))
    .map(({ ifname, address, mtu, flags }) => `${ifname} ${address} ${mtu} ${flags.includes('UP') ? 'UP' : 'DOWN'}`)
    .sort();
}

/** What a driver for programs does to a virtual function's interface. */
function unbind(index: number): void {
  const dir = join(world.dir, 'sysfs/bus/pci/devices', IDS[index] ?? '');
  rmSync(join(dir, 'net'), { recursive: true });
  rmSync(join(dir, 'driver'));
  symlinkSync('../../drivers/vfio-pci', join(dir, 'driver'));
  ip(`link delete vf${index}`);
}

const ATHOME = ['vf0 02:00:00:00:00:a0 1500 DOWN', 'vf1 02:00:00:00:00:a1 1400 UP'];

describe('sriov', { skip }, () => {
  test('gives each network of a pod a virtual function of its own, and gives them back as they were', async () => {
    assert.deepEqual(functions(), ATHOME);
    await add('p', 'vf, vf');
    assert.deepEqual(functions('-n ul-test-p'), ['net1 02:00:00:00:00:a0 1500 UP', 'net2 02:00:00:00:00:a1 1400 UP']);
    assert.deepEqual(functions(), []);
    assert.match(ip('-n ul-test-p -o -4 addr show dev net2'), /inet 10\.9\.0\.1\d\/24 /);
    await node.call('CHECK', callOf('p'));
    await node.call('DEL', callOf('p'));
    assert.deepEqual(functions(), ATHOME);
  });
  test('leaves nothing half set up when the card refuses', async () => {
    await assert.rejects(add('p', 'vf, tagged'), { message: /ens1 vf 1 vlan 100 qos 0 proto 802\.1Q.*EOPNOTSUPP/s });
    assert.deepEqual(functions(), ATHOME);
    assert.deepEqual((await world.leftOvers()).journal, []);
  });
  test('says so when another pod has the virtual function', async () => {
    await add('p', 'vf');
    await assert.rejects(add('q', 'vf'), {
      code: 'DEVICE_HELD',
      message: /"0000:03:02\.0" is held by container "cp" of pod "default\/p"/,
    });
    await node.call('DEL', callOf('p'));
    await node.call('ADD', callOf('q'));
    assert.deepEqual(functions('-n ul-test-q'), ['net1 02:00:00:00:00:a0 1500 UP']);
  });
  test('moves nothing where a program drives the virtual function, and lets no other pod have it', async () => {
    unbind(0);
    await add('p', '[{"name": "vf", "mac": "02:00:00:00:00:55"}]').then(
      () => assert.fail('no card here takes a MAC'),
      (error: Error) => assert.match(error.message, /vf 0 mac 02:00:00:00:00:55/),
    );
    await world.deletePod('p');
    await world.createPod('q', 'vf');
    world.makeNetns('q');
    await node.call('ADD', callOf('q'));
    assert.deepEqual(functions('-n ul-test-q'), []);
    const single = { ...callOf('single'), netns: world.makeNetns('single'), plugin: 'sriov' };
    const config = { type: 'sriov', deviceID: IDS[0] };
    await assert.rejects(node.call('ADD', { ...single, config }), { code: 'DEVICE_HELD' });
    await node.call('DEL', callOf('q'));
    const result: unknown = JSON.parse(
      await node.call('ADD', { ...single, config: { ...config, cniVersion: '1.1.0' } }),
    );
    assert.deepEqual(result, {
      cniVersion: '1.1.0',
      interfaces: [{ name: 'eth0', mtu: 9000, sandbox: single.netns, pciID: IDS[0] }],
    });
    await node.call('DEL', { ...single, config });
  });
  test("takes pools of the card's networks alone by match_master_subnet", async () => {
    ip('addr add 10.7.0.1/16 dev ens1');
    const { client } = world.cluster;
    const pools = { far: ['10.8.0.0/16', '10.8.0.9'], near: ['10.7.0.0/16', '10.7.0.9'] };
    for (const [name, [subnet = '', address = '']] of Object.entries(pools)) {
      await client.create(SPIDER_IP_POOLS, { metadata: { name }, spec: { subnet, ips: [address] } });
    }
    const ipam = { type: 'spiderpool', default_ipv4_ippool: ['far', 'near'], match_master_subnet: true };
    await createNetwork('matched', { ipam });
    await add('p', 'matched');
    assert.match(ip('-n ul-test-p -o -4 addr show dev net1'), /inet 10\.7\.0\.9\/16 /);
  });
});
