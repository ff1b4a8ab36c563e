import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxPod, Service } from '../resources.ts';
import { endpointSubsets } from './endpoints.ts';

const service: Service = {
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
};

function pod(name: string, ip: string | undefined, isReady: boolean, containerPort = 8080): SandboxPod {
  return {
    metadata: { name, namespace: 'default', uid: name, labels: { app: 'web' } },
    spec: { nodeName: 'n1', containers: [{ name: 'c', ports: [{ name: 'http', containerPort }] }] },
    status: {
      ...(ip === undefined ? {} : { podIP: ip }),
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
    },
  };
}

test('endpointSubsets() lists ready and unready pods apart, with the port that the name stands for', () => {
  const [subset, ...rest] = endpointSubsets(service, [pod('a', '10.0.0.1', true), pod('b', '10.0.0.2', false)]);
  assert.deepEqual(rest, []);
  assert.deepEqual(
    subset?.addresses?.map(({ ip }) => ip),
    ['10.0.0.1'],
  );
  assert.deepEqual(
    subset?.notReadyAddresses?.map(({ ip }) => ip),
    ['10.0.0.2'],
  );
  assert.deepEqual(subset?.ports, [{ name: 'http', port: 8080, protocol: 'TCP' }]);
});

test('endpointSubsets() splits pods whose named port has different numbers', () => {
  const subsets = endpointSubsets(service, [pod('a', '10.0.0.1', true, 1), pod('b', '10.0.0.2', true, 2)]);
  assert.deepEqual(
    subsets.map(({ ports }) => ports?.[0]?.port),
    [1, 2],
  );
});

test('endpointSubsets() leaves out pods without an address, terminating ones and those not selected', () => {
  const terminating = pod('a', '10.0.0.1', true);
  const others: SandboxPod[] = [
    { ...terminating, metadata: { ...terminating.metadata, deletionTimestamp: 'now' } },
    { ...terminating, metadata: { ...terminating.metadata, labels: {} } },
    { ...terminating, metadata: { ...terminating.metadata, namespace: 'other' } },
    pod('b', undefined, false),
  ];
  assert.deepEqual(endpointSubsets(service, others), []);
});
