import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryOf, recordOf } from '../journal/testing.ts';
import { withoutUsed } from './devices-left.ts';

test('withoutUsed() leaves what no network of the pod has', async () => {
  const attachments = [recordOf({ deviceId: 'vf1' }), recordOf({ devices: ['vf3'] }), recordOf()];
  const entry = entryOf({}, { attachments });
  const given = [new Map([['intel.com/sriov', ['vf1', 'vf2', 'vf3']]]), new Map([['a/b', ['vf1']]])];
  const left = withoutUsed({ kubelet: { ofPod: async () => given }, infoDir: '/i' }, [entry]);
  const pod = { namespace: 'default', name: 'a', uids: new Set<string>() };
  assert.deepEqual(await left.kubelet.ofPod(pod, new AbortController().signal), [
    new Map([['intel.com/sriov', ['vf2']]]),
    new Map([['a/b', []]]),
  ]);
});
