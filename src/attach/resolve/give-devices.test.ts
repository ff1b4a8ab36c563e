import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Pod } from '#api';
import { parseNetworkConfig, parseRequest } from '#cni';
import { type DevicePod, DevicesError } from '#devices';
import type { NamedNetwork } from './find-network.ts';
import { deviceArgs, deviceInfoFile, giveDevices, withDevice } from './give-devices.ts';

const RESOURCE = 'intel.com/sriov';
const { signal } = new AbortController();

function network(plugins: readonly Readonly<Record<string, unknown>>[], resource?: string): NamedNetwork {
  const source = 'NetworkAttachmentDefinition "default/n"';
  const config = parseNetworkConfig({ cniVersion: '1.0.0', name: 'n', plugins }, { source });
  return { config, source, nad: 'default/n', ...(resource === undefined ? {} : { resource }) };
}

function podWith(annotations: Readonly<Record<string, string>>): Pod {
  return { metadata: { name: 'p', namespace: 'default', uid: 'of-the-object', annotations }, spec: {} };
}

const request = parseRequest({
  plugin: 'underlane',
  stdin: JSON.stringify({ cniVersion: '1.0.0', name: 'cluster', type: 'underlane' }),
  env: {
    CNI_COMMAND: 'ADD',
    CNI_CONTAINERID: 'c1',
    CNI_IFNAME: 'eth0',
    CNI_NETNS: '/run/netns/x',
    CNI_PATH: '/opt/cni/bin',
    CNI_ARGS: 'K8S_POD_NAMESPACE=default;K8S_POD_NAME=p;K8S_POD_UID=of-the-runtime',
  },
});

/** A node whose kubelet has given one device to every pod, and what it was asked. */
function nodeWith(ids: readonly string[]) {
  const asked: DevicePod[] = [];
  const ofPod = async (pod: DevicePod) => {
    asked.push(pod);
    return [new Map([[RESOURCE, ids]])];
  };
  return { asked, devices: { kubelet: { ofPod }, infoDir: '/info' } };
}

suite('giveDevices()', () => {
  test('asks by every uid that a static pod may go by', async () => {
    const node = nodeWith(['a']);
    const pod = podWith({ 'kubernetes.io/config.hash': 'of-the-file', 'kubernetes.io/config.mirror': 'of-the-mirror' });
    const wanted = [{ network: network([{ type: 'sriov' }], RESOURCE) }];
    assert.deepEqual(await giveDevices(wanted, request, pod, node.devices, signal), [{ id: 'a', resource: RESOURCE }]);
    assert.deepEqual(
      node.asked.map(({ uids }) => [...uids].sort()),
      [['of-the-file', 'of-the-mirror', 'of-the-object', 'of-the-runtime']],
    );
  });
  test('says for which network and resource kubelet could not be asked', async () => {
    const ofPod = () => Promise.reject(new DevicesError('DEVICES_UNKNOWN', 'Cannot tell: why', { retriable: true }));
    const wanted = [{ network: network([{ type: 'sriov' }]) }, { network: network([{ type: 'sriov' }], RESOURCE) }];
    await assert.rejects(giveDevices(wanted, request, podWith({}), { kubelet: { ofPod }, infoDir: '/info' }, signal), {
      code: 'DEVICES_UNKNOWN',
      retriable: true,
      message: `Cannot give NetworkAttachmentDefinition "default/n" a device of resource "${RESOURCE}": cannot tell: why`,
    });
  });
  test('asks nobody when no network needs a device', async () => {
    const node = nodeWith([]);
    const wanted = [{ network: network([{ type: 'sriov' }]), deviceId: 'by-hand' }];
    assert.deepEqual(await giveDevices(wanted, request, podWith({}), node.devices, signal), [undefined]);
    assert.deepEqual(node.asked, []);
  });
  test('leaves networks without a resource in their places', async () => {
    const vf = { network: network([{ type: 'sriov' }], RESOURCE) };
    const plain = { network: network([{ type: 'macvlan' }]) };
    const given = await giveDevices([plain, vf, plain, vf], request, podWith({}), nodeWith(['a', 'b']).devices, signal);
    assert.deepEqual(
      given.map(device => device?.id),
      [undefined, 'a', undefined, 'b'],
    );
  });
});

suite("an attachment's device", () => {
  const device = { id: '0000:03:02.1', resource: RESOURCE };
  const at = { containerId: 'c1', ifname: 'net1' };
  const { devices } = nodeWith([]);

  test('goes into every plugin, and leaves the network itself as it is', () => {
    const { config } = network([{ type: 'sriov', vlan: 7 }, { type: 'tuning' }]);
    const names = { deviceID: device.id, pciBusID: device.id };
    assert.deepEqual(withDevice(config, device).plugins, [
      { type: 'sriov', vlan: 7, ...names },
      { type: 'tuning', ...names },
    ]);
    assert.deepEqual(config.plugins[1], { type: 'tuning' });
    assert.equal(withDevice(config, undefined), config);
  });
  test('has a file where there is a device, and where a plugin wants to tell of one', () => {
    const path = '/info/cni/default-n-c1_net1';
    const from = '/info/dp/intel.com-sriov-0000:03:02.1-device.json';
    const silent = network([{ type: 'sriov' }]);
    const telling = network([{ type: 'sriov' }, { type: 'x', capabilities: { CNIDeviceInfoFile: true } }]);
    assert.deepEqual(deviceInfoFile(silent, device, at, devices), { path, from });
    assert.deepEqual(deviceInfoFile(telling, undefined, at, devices), { path });
    assert.equal(deviceInfoFile(silent, undefined, at, devices), undefined);
    assert.deepEqual(deviceArgs(device, { path, from }), { deviceID: device.id, CNIDeviceInfoFile: path });
    assert.deepEqual(deviceArgs(undefined, undefined), {});
  });
});
