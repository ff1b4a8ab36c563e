import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject, OwnerReference, Pod } from '#api';
import { workloadOfPod } from './workload-of-pod.ts';

test('workloadOfPod() tells the pods of a StatefulSet apart by name, and knows no other controller', async () => {
  assert.deepEqual(await workloadOfPod(podOf(owner('apps/v1', 'StatefulSet', 'web', 'u1')), catalogOf()), {
    kind: 'StatefulSet',
    name: 'web',
    uid: 'u1',
    member: 'web-0',
  });
  assert.equal(await workloadOfPod(podOf(owner('apps/v1', 'ReplicaSet', 'web', 'u1')), catalogOf()), undefined);
  assert.equal(await workloadOfPod(podOf(owner('example.com/v1', 'StatefulSet', 'web', 'u1')), catalogOf()), undefined);
  const mentioned = { ...owner('apps/v1', 'StatefulSet', 'web', 'u1'), controller: false };
  assert.equal(await workloadOfPod(podOf(mentioned), catalogOf()), undefined);
});

test('workloadOfPod() takes the VirtualMachine, else the instance that runs without one', async () => {
  const pod = podOf(owner('kubevirt.io/v1', 'VirtualMachineInstance', 'vm', 'i1'));
  const machine = {
    metadata: { name: 'vm', ownerReferences: [owner('kubevirt.io/v1', 'VirtualMachine', 'vm', 'm1')] },
  };
  assert.deepEqual(await workloadOfPod(pod, catalogOf(machine)), { kind: 'VirtualMachine', name: 'vm', uid: 'm1' });
  const alone = { kind: 'VirtualMachineInstance', name: 'vm', uid: 'i1' };
  assert.deepEqual(await workloadOfPod(pod, catalogOf({ metadata: { name: 'vm' } })), alone);
  assert.deepEqual(await workloadOfPod(pod, catalogOf()), alone);
});

function podOf(reference: OwnerReference): Pod {
  return { metadata: { name: 'web-0', namespace: 'default', ownerReferences: [reference] }, spec: {} };
}

function owner(apiVersion: string, kind: string, name: string, uid: string): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true };
}

function catalogOf(found?: KubeObject) {
  // Whatever is asked for, this is it.
  return { get: <T extends KubeObject>() => Promise.resolve(found as T | undefined) };
}
