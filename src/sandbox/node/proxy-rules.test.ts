import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoints, Service } from '../resources.ts';
import { proxyRules } from './proxy-rules.ts';

const web: Service = {
  metadata: { namespace: 'default', name: 'web' },
  spec: {
    type: 'NodePort',
    clusterIP: '172.96.0.10',
    ports: [{ name: 'http', port: 80, targetPort: 'http', nodePort: 30_080 }],
  },
};
const webEndpoints: Endpoints = {
  metadata: { namespace: 'default', name: 'web' },
  subsets: [
    {
      addresses: [{ ip: '10.244.1.2' }, { ip: '10.244.2.2' }],
      notReadyAddresses: [{ ip: '10.244.9.9' }],
      ports: [{ name: 'http', port: 8080 }],
    },
  ],
};
const CIDR = '10.244.0.0/16';

test('proxyRules() replaces the whole table', () => {
  assert.match(proxyRules([], [], CIDR), /^table ip kube-proxy\ndelete table ip kube-proxy\ntable ip kube-proxy \{/);
});

test('proxyRules() masquerades NodePort traffic, ClusterIP traffic from outside the pod networks, and hairpins', () => {
  const rules = proxyRules([web], [webEndpoints], CIDR);
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

test('proxyRules() balances over ready endpoints only', () => {
  const rules = proxyRules([web], [webEndpoints], CIDR);
  assert.match(rules, /numgen random mod 2 vmap \{ 0 : goto endpoint-0-0, 1 : goto endpoint-0-1 \}/);
  assert.ok(!rules.includes('10.244.9.9'));
});

test('proxyRules() rejects a Service without endpoints, at its ClusterIP and at its NodePort', () => {
  const rules = proxyRules([web], [], CIDR);
  assert.match(rules, /ip daddr 172\.96\.0\.10 tcp dport 80 reject/);
  assert.match(rules, /tcp dport 30080 reject/);
  assert.ok(!rules.includes('dnat'));
});

test('proxyRules() leaves headless Services and those without an address alone', () => {
  const headless: Service = {
    metadata: { namespace: 'default', name: 'h' },
    spec: { clusterIP: 'None', ports: [{ port: 80 }] },
  };
  const pending: Service = { metadata: { namespace: 'default', name: 'p' }, spec: { ports: [{ port: 80 }] } };
  assert.equal(proxyRules([headless, pending], [], CIDR), proxyRules([], [], CIDR));
});
