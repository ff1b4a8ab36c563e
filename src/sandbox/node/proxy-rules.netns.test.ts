import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../../netns/testing.ts';
import type { EndpointSlice, Service } from '../resources.ts';
import { proxyRules } from './proxy-rules.ts';

function service(name: string, clusterIPs: readonly string[], nodePort: number): Service {
  return {
    metadata: { namespace: 'default', name },
    spec: { type: 'NodePort', clusterIPs, ports: [{ port: 80, nodePort }] },
  };
}

function slice(addressType: EndpointSlice['addressType'], addresses: readonly string[]): EndpointSlice {
  return {
    metadata: { namespace: 'default', name: addressType, labels: { 'kubernetes.io/service-name': 'web' } },
    addressType,
    endpoints: addresses.map(address => ({ addresses: [address] })),
    ports: [{ port: 8080 }],
  };
}

const services = [
  service('web', ['172.96.0.10', 'fd00:96::10'], 30_000),
  service('idle', ['172.96.0.11', 'fd00:96::11'], 30_001),
];
const slices = [slice('IPv4', ['10.244.1.2', '10.244.2.2']), slice('IPv6', ['fd00:244::1:2', 'fd00:244::2:2'])];

for (const [family, table, cidr] of [
  ['IPv4', 'ip', '10.244.0.0/16'],
  ['IPv6', 'ip6', 'fd00:244::/96'],
] as const) {
  test(`proxyRules() for ${family} is what nft accepts, also over itself`, skipUnlessRing2(), () => {
    const rules = proxyRules(family, services, slices, cidr);
    for (const round of [1, 2]) {
      const { status, stderr } = spawnSync('nft', ['-f', '-'], { input: rules, encoding: 'utf8' });
      assert.deepEqual({ round, status, stderr }, { round, status: 0, stderr: '' });
    }
    const { stdout } = spawnSync('nft', ['list', 'table', table, 'kube-proxy'], { encoding: 'utf8' });
    assert.equal(stdout.match(/dnat to/g)?.length, 2);
    assert.equal(stdout.match(/reject/g)?.length, 2);
  });
}
