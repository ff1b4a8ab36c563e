import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointSlice, Service } from '../resources.ts';
import { proxyRules } from './proxy-rules.ts';

const web: Service = {
  metadata: { namespace: 'default', name: 'web' },
  spec: {
    type: 'NodePort',
    clusterIP: '172.96.0.10',
    clusterIPs: ['172.96.0.10', '2001:4860:fd00::10'],
    ports: [{ name: 'http', port: 80, targetPort: 'http', nodePort: 30_080 }],
  },
};

function slice(addressType: EndpointSlice['addressType'], ready: readonly string[], unready: string): EndpointSlice {
  return {
    metadata: {
      namespace: 'default',
      name: `web-${addressType}`,
      labels: { 'kubernetes.io/service-name': 'web' },
    },
    addressType,
    endpoints: [
      ...ready.map(address => ({ addresses: [address], conditions: { ready: true } })),
      { addresses: [unready], conditions: { ready: false } },
    ],
    ports: [{ name: 'http', port: 8080 }],
  };
}

const slices = [
  slice('IPv4', ['10.244.1.2', '10.244.2.2'], '10.244.9.9'),
  slice('IPv6', ['fd00::1:2', 'fd00::2:2'], 'fd00::9:9'),
];
const CIDR = '10.244.0.0/16';
const CIDR6 = 'fd00::/96';

test("proxyRules() replaces the family's whole table", () => {
  assert.match(
    proxyRules('IPv4', [], [], CIDR),
    /^table ip kube-proxy\ndelete table ip kube-proxy\ntable ip kube-proxy \{/,
  );
  assert.match(
    proxyRules('IPv6', [], [], CIDR6),
    /^table ip6 kube-proxy\ndelete table ip6 kube-proxy\ntable ip6 kube-proxy \{/,
  );
});

test('proxyRules() masquerades NodePort traffic, ClusterIP traffic from outside the pod networks, and hairpins', () => {
  const rules = proxyRules('IPv4', [web], slices, CIDR);
  assert.match(
    rules,
    /chain cluster-0 \{\n\s+ip saddr != 10\.244\.0\.0\/16 meta mark set mark or 0x4000\n\s+goto balance-0/,
  );
  assert.match(rules, /chain external-0 \{\n\s+meta mark set mark or 0x4000\n\s+goto balance-0/);
  assert.match(
    rules,
    /ip saddr 10\.244\.2\.2 meta mark set mark or 0x4000\n\s+meta l4proto tcp dnat to 10\.244\.2\.2:8080/,
  );
});

test('proxyRules() knows the addresses of its own family only', () => {
  const [four, six] = [proxyRules('IPv4', [web], slices, CIDR), proxyRules('IPv6', [web], slices, CIDR6)];
  assert.ok(!four.includes('fd00') && !four.includes('ip6'));
  assert.ok(!/ip [sd]addr/.test(six) && !six.includes('172.96'));
  assert.match(six, /ip6 daddr 2001:4860:fd00::10 tcp dport 80 goto cluster-0/);
  assert.match(six, /fib daddr type local ip6 daddr != ::1 tcp dport 30080 goto external-0/);
  assert.match(six, /ip6 saddr fd00::2:2 meta mark set mark or 0x4000\n\s+meta l4proto tcp dnat to \[fd00::2:2\]:8080/);
});

test('proxyRules() balances over ready endpoints only', () => {
  const rules = proxyRules('IPv4', [web], slices, CIDR);
  assert.match(rules, /numgen random mod 2 vmap \{ 0 : goto endpoint-0-0, 1 : goto endpoint-0-1 \}/);
  assert.ok(!rules.includes('10.244.9.9'));
});

test('proxyRules() rejects a Service without endpoints, at its ClusterIP and at its NodePort', () => {
  const rules = proxyRules('IPv4', [web], [], CIDR);
  assert.match(rules, /ip daddr 172\.96\.0\.10 tcp dport 80 reject with tcp reset/);
  assert.match(rules, /tcp dport 30080 reject with tcp reset/);
  assert.ok(!rules.includes('dnat'));
});

test('proxyRules() leaves headless Services, those without an address and those of the other family alone', () => {
  const headless: Service = {
    metadata: { namespace: 'default', name: 'h' },
    spec: { clusterIP: 'None', clusterIPs: ['None'], ports: [{ port: 80 }] },
  };
  const pending: Service = { metadata: { namespace: 'default', name: 'p' }, spec: { ports: [{ port: 80 }] } };
  assert.equal(proxyRules('IPv4', [headless, pending], [], CIDR), proxyRules('IPv4', [], [], CIDR));
  const four: Service = { ...web, spec: { ...web.spec, clusterIPs: ['172.96.0.10'] } };
  assert.equal(proxyRules('IPv6', [four], [], CIDR6), proxyRules('IPv6', [], [], CIDR6));
});
