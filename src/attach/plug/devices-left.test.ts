import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttachmentRecord, JournalEntry } from '../journal/entry.ts';
import { withoutUsed } from './devices-left.ts';

function record(more: Partial<AttachmentRecord>): AttachmentRecord {
  return { network: 'n', ifname: 'net1', leases: [], segments: [], ...more };
}

test('withoutUsed() leaves what no network of the pod has', async () => {
  const entry: JournalEntry = {
    format: 1,
    key: { containerId: 'c', ifname: 'eth0', plugin: 'underlane', network: '' },
    netns: '/n',
    nonce: 'x',
    state: 'added',
    cniVersion: '1.0.0',
    attachments: [record({ deviceId: 'vf1' }), record({ devices: ['vf3'] }), record({})],
  };
  const given = [new Map([['intel.com/sriov', ['vf1', 'vf2', 'vf3']]]), new Map([['a/b', ['vf1']]])];
  const left = withoutUsed({ kubelet: { ofPod: async () => given }, infoDir: '/i' }, [entry]);
  const pod = { namespace: 'default', name: 'a', uids: new Set<string>() };
  assert.deepEqual(await left.kubelet.ofPod(pod, new AbortController().signal), [
    new Map([['intel.com/sriov', ['vf2']]]),
    new Map([['a/b', []]]),
  ]);
});
