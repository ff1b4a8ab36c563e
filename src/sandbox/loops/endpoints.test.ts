import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxPod, Service } from '../resources.ts';
import { endpointSlices } from './endpoint-slices.ts';
import { endpointSubsets } from './endpoints.ts';

const service: Service = {
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
};

function pod(name: string, ips: string | undefined, isReady: boolean, containerPort = 8080): SandboxPod {
  const podIPs = (ips?.split(',') ?? []).map(ip => ({ ip }));
  return {
    metadata: { name, namespace: 'default', uid: name, labels: { app: 'web' } },
    spec: { nodeName: 'n1', containers: [{ name: 'c', ports: [{ name: 'http', containerPort }] }] },
    status: {
      ...(podIPs[0] === undefined ? {} : { podIP: podIPs[0].ip, podIPs }),
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

const dual: Service = { ...service, spec: { ...service.spec, ipFamilies: ['IPv4', 'IPv6'] } };
const dualPods = [pod('a', '10.0.0.1,fd00::1', true), pod('b', '10.0.0.2,fd00::2', false), pod('c', '10.0.0.3', true)];

test('endpointSlices() gives a dual-stack Service a slice of each family, readiness said of each address', () => {
  const slices = endpointSlices(dual, dualPods);
  assert.deepEqual(
    slices.map(({ addressType, endpoints }) => [
      addressType,
      endpoints?.map(({ addresses, conditions }) => [addresses.join(), conditions?.ready]),
    ]),
    [
      [
        'IPv4',
        [
          ['10.0.0.1', true],
          ['10.0.0.2', false],
          ['10.0.0.3', true],
        ],
      ],
      [
        'IPv6',
        [
          ['fd00::1', true],
          ['fd00::2', false],
        ],
      ],
    ],
  );
  assert.notEqual(slices[0]?.metadata.name, slices[1]?.metadata.name);
  assert.deepEqual(
    slices.map(({ metadata }) => metadata.labels?.['kubernetes.io/service-name']),
    ['web', 'web'],
  );
});

test('endpointSlices() keeps its names while pods come and go', () => {
  const names = (pods: readonly SandboxPod[]): unknown =>
    endpointSlices(dual, pods).map(({ metadata }) => metadata.name);
  assert.deepEqual(names(dualPods), names(dualPods.slice(0, 1)));
});

test('endpointSubsets() holds the primary family alone', () => {
  const primary: Service = { ...dual, spec: { ...dual.spec, ipFamilies: ['IPv6', 'IPv4'] } };
  const addresses = (of: Service): unknown => endpointSubsets(of, dualPods)[0]?.addresses?.map(({ ip }) => ip);
  assert.deepEqual([addresses(dual), addresses(primary)], [['10.0.0.1', '10.0.0.3'], ['fd00::1']]);
});
