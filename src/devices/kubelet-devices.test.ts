import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { setEachFolder } from '../base/testing.ts';
import { createKubeletDevices } from './kubelet-devices.ts';
import { encodePodResources, type PodResources, podResourcesSocket, startTestKubelet } from './testing.ts';

const RESOURCE = 'intel.com/sriov';
const wanted = { namespace: 'default', name: 'p', uids: new Set(['uid-p']) };
const { signal } = new AbortController();

let dir: string;
setEachFolder(path => {
  dir = path;
});

function podWith(...ids: string[]): PodResources {
  return { namespace: 'default', name: 'p', containers: [{ name: 'c', devices: [{ resource: RESOURCE, ids }] }] };
}

/** A node's worth of other pods. */
function others(bytes: number): PodResources[] {
  const id = 'x'.repeat(1000);
  const devices = [{ resource: RESOURCE, ids: Array.from({ length: 100 }, (_, index) => `${index}${id}`) }];
  return Array.from({ length: Math.ceil(bytes / 100_000) }, (_, index) => ({
    namespace: 'default',
    name: `other${index}`,
    containers: [{ name: 'c', devices }],
  }));
}

function writeCheckpoint(deviceIds: unknown, more: Readonly<Record<string, unknown>> = {}): void {
  const path = join(dir, 'device-plugins/kubelet_internal_checkpoint');
  mkdirSync(dirname(path), { recursive: true });
  const entry = {
    PodUID: 'uid-p',
    ContainerName: 'c',
    ResourceName: RESOURCE,
    DeviceIDs: deviceIds,
    AllocResp: 'Cg==',
  };
  const foreign = { ...entry, PodUID: 'uid-other', DeviceIDs: ['nobody'] };
  const data = { PodDeviceEntries: [foreign, { ...entry, ...more }], RegisteredDevices: { [RESOURCE]: ['a'] } };
  writeFileSync(path, JSON.stringify({ Data: data, Checksum: 1 }));
}

function devices(timeoutMs = 20_000): Promise<string[][]> {
  return createKubeletDevices(dir, { timeoutMs })
    .ofPod(wanted, signal)
    .then(pod => pod.map(container => [...(container.get(RESOURCE) ?? [])]));
}

describe('KubeletDevices.ofPod()', () => {
  it('asks v1', async () => {
    await using kubelet = await startTestKubelet(dir, {
      v1: () => encodePodResources([podWith('b', 'a')]),
      v1alpha1: () => encodePodResources([podWith('old')]),
    });
    assert.deepEqual(await devices(), [['a', 'b']]);
    assert.deepEqual(kubelet.asked, ['v1']);
  });
  it('asks v1alpha1 of a kubelet that has no v1', async () => {
    await using kubelet = await startTestKubelet(dir, { v1alpha1: () => encodePodResources([podWith('old')]) });
    assert.deepEqual(await devices(), [['old']]);
    assert.deepEqual(kubelet.asked, ['v1alpha1']);
  });
  it('takes an answer that is bigger than gRPC takes by itself', async () => {
    await using _kubelet = await startTestKubelet(dir, {
      v1: () => encodePodResources([...others(10_000_000), podWith('a')]),
    });
    assert.deepEqual(await devices(), [['a']]);
  });
  it('has no devices of a pod that kubelet does not know', async () => {
    await using _kubelet = await startTestKubelet(dir, { v1: () => encodePodResources([]) });
    assert.deepEqual(await devices(), []);
  });
  for (const [what, answer] of [
    ['answers an error', () => new Error('broken')],
    ['answers nonsense', () => Buffer.from('nonsense')],
    ['answers more than 16 MiB', () => encodePodResources(others(17_000_000))],
  ] as const) {
    it(`reads the checkpoint file when kubelet ${what}, and says both when there is none`, async () => {
      await using _kubelet = await startTestKubelet(dir, { v1: answer });
      await assert.rejects(devices(), { code: 'DEVICES_UNKNOWN', message: /kubelet.*kubelet_internal_checkpoint/s });
      writeCheckpoint(['a']);
      assert.deepEqual(await devices(), [['a']]);
    });
  }
  it('waits for a kubelet that is slow', async () => {
    const late = setTimeout(300, encodePodResources([podWith('a')]));
    await using _kubelet = await startTestKubelet(dir, { v1: () => late });
    assert.deepEqual(await devices(), [['a']]);
  });
  it('waits for kubelet no longer than its deadline', async () => {
    await using _kubelet = await startTestKubelet(dir, { v1: () => 'never' });
    await assert.rejects(devices(300), { code: 'DEVICES_UNKNOWN', message: /DEADLINE_EXCEEDED/ });
  });
  it('stops waiting when the request is given up', async () => {
    const reached = Promise.withResolvers<void>();
    await using _kubelet = await startTestKubelet(dir, {
      v1: () => {
        reached.resolve();
        return 'never';
      },
    });
    const ending = new AbortController();
    const asked = createKubeletDevices(dir).ofPod(wanted, ending.signal);
    await reached.promise;
    ending.abort(new Error('given up'));
    await assert.rejects(asked, { message: 'given up' });
  });
  it('says so when what answers speaks no gRPC', async () => {
    mkdirSync(dirname(podResourcesSocket(dir)));
    await using server = createServer(socket => {
      socket.on('error', () => {}).resume();
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>(resolve => server.listen(podResourcesSocket(dir), resolve));
    await assert.rejects(devices(2_000), { code: 'DEVICES_UNKNOWN', retriable: true });
  });
  it('reads the checkpoint file of both formats where there is no socket', async () => {
    writeCheckpoint(['b', 'a']);
    assert.deepEqual(await devices(), [['a', 'b']]);
    writeCheckpoint({ '-1': ['c'], '0': ['b', 'a'], '1': null });
    assert.deepEqual(await devices(), [['a', 'b', 'c']]);
  });
  it('says what is missing when there is neither', async () => {
    await assert.rejects(devices(), {
      code: 'DEVICES_UNKNOWN',
      message: /pod "default\/p": ".*kubelet\.sock" is missing; .*kubelet_internal_checkpoint/,
    });
  });
  for (const [field, value, why] of [
    ['DeviceIDs', [7], /PodDeviceEntries\[1\]\.DeviceIDs\[0\] is 7, expected text/],
    ['DeviceIDs', { 0: 'a' }, /DeviceIDs\.0 is "a", expected a list/],
    ['DeviceIDs', 'a', /DeviceIDs is "a", expected an object/],
    ['PodUID', null, /PodUID is null, expected text/],
  ] as const) {
    it(`says what is wrong with a checkpoint file whose ${field} is ${JSON.stringify(value)}`, async () => {
      writeCheckpoint(['a'], { [field]: value });
      await assert.rejects(devices(), { code: 'DEVICES_UNKNOWN', message: why });
    });
  }
});
