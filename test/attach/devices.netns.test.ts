import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ATTACHMENT_POLICIES, NETWORK_ATTACHMENT_DEFINITIONS, PODS } from '#api';
import { encodePodResources, podsWith, startTestKubelet, type TestKubelet } from '../../src/devices/testing.ts';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import type { AttachNode } from './node.ts';
import { setEachScene } from './scene.ts';
import type { World } from './world.ts';

/** Devices of device plugins, from kubelet to the plugins of a pod's networks. */
const { skip } = skipUnlessRing2();

const RESOURCE = 'example.com/nic';

/** Keeps what it is called with, and adds what it knows of its device. */
const CARD = `#!/bin/sh
cat >"$(dirname "$0")/$CNI_COMMAND-$CNI_IFNAME.json"
[ "$CNI_COMMAND" = ADD ] && echo '{"cniVersion":"1.0.0","interfaces":[{"name":"'$CNI_IFNAME'","sandbox":"'$CNI_NETNS'"}]}'
exit 0
`;

let world: World;
let node: AttachNode;
let kubelet: TestKubelet;
let given: readonly (readonly string[])[];

setEachScene(skip, async scene => {
  ({ world } = scene);
  node = await scene.startNode();
  writeFileSync(join(world.dir, 'bin/card'), CARD, { mode: 0o755 });
  given = [['id-9', 'id-5'], ['id-1']];
  kubelet = scene.ending.use(
    await startTestKubelet(join(world.dir, 'kubelet'), {
      v1: () => encodePodResources(podsWith(['other', 'p'], RESOURCE, given)),
    }),
  );
  for (const [name, plugins] of [
    ['a', [{ type: 'card', capabilities: { deviceID: true, CNIDeviceInfoFile: true } }]],
    ['b', [{ type: 'card' }]],
  ] as const) {
    await world.cluster.client.create(NETWORK_ATTACHMENT_DEFINITIONS, {
      metadata: { name, namespace: 'default', annotations: { 'k8s.v1.cni.cncf.io/resourceName': RESOURCE } },
      spec: { config: JSON.stringify({ cniVersion: '1.0.0', name, plugins }) },
    });
  }
  await world.createNad('plain', { cniVersion: '1.0.0', type: 'card', capabilities: { deviceID: true } });
  scene.ending.defer(async () => {
    await node.call('DEL', { containerId: 'c1', netns: '/run/netns/ul-test-p' });
  });
});

async function add(networks: string, annotations: Readonly<Record<string, string>> = {}) {
  await world.createPod('p', networks, annotations);
  const call = { containerId: 'c1', netns: world.makeNetns('p'), pod: { name: 'p' } };
  await node.call('ADD', call);
  return call;
}

function seen(command: string, ifname: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(join(world.dir, 'bin', `${command}-${ifname}.json`), 'utf8')) as Record<
    string,
    unknown
  >;
}

async function status(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const pod = await world.cluster.client.get(PODS, { namespace: 'default', name: 'p' });
  return JSON.parse(pod.metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'] ?? '[]') as Record<
    string,
    unknown
  >[];
}

describe('devices', { skip }, () => {
  test('go to the networks of one resource in order, into every plugin, and kubelet is asked once', async () => {
    const call = await add('a, b, a');
    const ids = ['net1', 'net2', 'net3'].map(name => seen('ADD', name)['deviceID']);
    assert.deepEqual(ids, ['id-5', 'id-9', 'id-1']);
    const info = join(world.dir, 'devinfo/cni/default-a-c1_net1');
    const { pciBusID, runtimeConfig } = seen('ADD', 'net1');
    assert.deepEqual(
      { pciBusID, runtimeConfig },
      {
        pciBusID: 'id-5',
        runtimeConfig: { deviceID: 'id-5', CNIDeviceInfoFile: info },
      },
    );
    assert.equal(seen('ADD', 'net2')['runtimeConfig'], undefined);
    assert.deepEqual(kubelet.asked, ['v1']);
    assert.deepEqual(
      node.journal.list().flatMap(({ attachments }) => attachments.flatMap(({ devices = [] }) => devices)),
      ids,
    );
    // DEL has nobody to ask any more.
    given = [];
    await node.call('DEL', call);
    for (const name of ['net1', 'net2', 'net3']) {
      const { prevResult: _prevResult, ...config } = seen('DEL', name);
      assert.deepEqual(config, seen('ADD', name));
    }
  });
  test('of the default network come first, and those asked for by ID go where they are asked for', async () => {
    await add('[{"name": "a"}, {"name": "b", "deviceID": "id-5"}]', {
      'v1.multus-cni.io/default-network': 'default/a',
    });
    assert.deepEqual(
      ['eth0', 'net1', 'net2'].map(name => seen('ADD', name)['deviceID']),
      ['id-9', 'id-1', 'id-5'],
    );
  });
  test('are not looked for when no network needs one', async () => {
    await add('[{"name": "plain", "deviceID": "by-hand"}]');
    assert.deepEqual(kubelet.asked, []);
    const { deviceID, runtimeConfig } = seen('ADD', 'net1');
    assert.deepEqual({ deviceID, runtimeConfig }, { deviceID: undefined, runtimeConfig: { deviceID: 'by-hand' } });
  });
  test('that a pod asks for by itself must be allowed by the policies; those from kubelet need not', async () => {
    const allow = (name: string, masters: readonly string[]) =>
      world.cluster.client.create(ATTACHMENT_POLICIES, {
        metadata: { name },
        spec: { namespaces: ['default'], types: ['card'], masters },
      });
    await allow('tenants', ['mine-*']);
    await node.policiesAre(1);
    await assert.rejects(add('[{"name": "plain", "deviceID": "by-hand"}, {"name": "a", "deviceID": "id-1"}]'), {
      code: 'POLICY',
      message:
        'Cannot use NetworkAttachmentDefinition "default/plain": deviceID of the pod\'s annotation is "by-hand", expected what AttachmentPolicy "tenants" allows namespace "default": mine-*',
    });
    await allow('more', ['by-*']);
    await node.policiesAre(2);
    await node.call('ADD', { containerId: 'c1', netns: '/run/netns/ul-test-p', pod: { name: 'p' } });
    assert.equal(seen('ADD', 'net2')['deviceID'], 'id-1');
  });
  test('that are too few fail the ADD before anything is made', async () => {
    given = [['id-9'], ['id-5']];
    await assert.rejects(add('a, a, a'), {
      code: 'DEVICES_EXHAUSTED',
      message: /"default\/a": the pod's networks need 3 of resource "example\.com\/nic", but it has 2 \(id-9, id-5\)/,
    });
    assert.deepEqual(readdirSync(join(world.dir, 'bin')), ['cable', 'card']);
    assert.deepEqual((await world.leftOvers()).journal, []);
  });
  test('are told of in the network-status, as their plugins say, until DEL', async () => {
    const dp = join(world.dir, 'devinfo/dp');
    mkdirSync(dp, { recursive: true });
    const about = (id: string) => join(dp, `example.com-nic-${id}-device.json`);
    const pci = { type: 'pci', version: '1.1.0', pci: { 'pci-address': '0000:03:02.1' } };
    writeFileSync(about('id-5'), JSON.stringify(pci));
    writeFileSync(about('id-9'), 'nonsense');
    const call = await add('a, b');
    const [first, second] = (await status()).filter(({ name }) => name === 'default/a' || name === 'default/b');
    assert.deepEqual(first?.['device-info'], pci);
    assert.deepEqual(Object.keys(first ?? {}), ['name', 'interface', 'dns', 'device-info']);
    assert.equal(second?.['device-info'], undefined);
    assert.deepEqual(readdirSync(join(world.dir, 'devinfo/cni')), ['default-a-c1_net1']);
    await node.call('DEL', call);
    assert.deepEqual(readdirSync(join(world.dir, 'devinfo/cni')), []);
    assert.deepEqual(readdirSync(dp).length, 2);
  });
});
