import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentLeaseName, type Lease } from '#api';
import { nodesWithoutAgent, programOf } from './find-writers.ts';
import { KUBE_OVN } from './peers/kube-ovn.ts';
import { SPIDERPOOL } from './peers/spiderpool.ts';
import { WHEREABOUTS } from './peers/whereabouts.ts';

test('programOf() is the last part of an image, whatever its registry, tag and digest', () => {
  for (const [image, program] of [
    ['whereabouts', 'whereabouts'],
    ['ghcr.io/k8snetworkplumbingwg/whereabouts:v0.9.2', 'whereabouts'],
    ['registry.example.com:5000/mirror/spiderpool-agent:v1.2.1@sha256:00ff', 'spiderpool-agent'],
    ['kubeovn/kube-ovn@sha256:00ff', 'kube-ovn'],
  ] as const) {
    assert.equal(programOf(image), program);
  }
});

test('images are known by the whole name of their program', () => {
  const peers = [SPIDERPOOL, WHEREABOUTS, KUBE_OVN];
  const writesAs = (program: string): readonly string[] =>
    peers.filter(({ images }) => images.test(program)).map(({ name }) => name);
  assert.deepEqual(writesAs('spiderpool-controller'), ['spiderpool']);
  assert.deepEqual(writesAs('multus-cni'), ['whereabouts']);
  assert.deepEqual(writesAs('kube-ovn-dpdk'), ['kube-ovn']);
  assert.deepEqual(['my-whereabouts', 'spiderpool-plugins', 'kube-ovn2', 'nginx'].flatMap(writesAs), []);
});

test('nodesWithoutAgent() are those whose Lease is missing, or older than twice its duration', () => {
  const now = Date.parse('2026-01-01T00:10:00Z');
  const lease = (node: string, renewTime: string): Lease => ({
    metadata: { namespace: 'kube-system', name: agentLeaseName(node) },
    spec: { leaseDurationSeconds: 40, renewTime },
  });
  const leases = [lease('fresh', '2026-01-01T00:08:41.000000Z'), lease('old', '2026-01-01T00:08:40.000000Z')];
  const nodes = ['fresh', 'old', 'never'].map(name => ({ metadata: { name } }));
  assert.deepEqual(nodesWithoutAgent(nodes, leases, 'kube-system', now), ['old', 'never']);
  assert.deepEqual(nodesWithoutAgent(nodes, leases, 'elsewhere', now), ['fresh', 'old', 'never']);
});
