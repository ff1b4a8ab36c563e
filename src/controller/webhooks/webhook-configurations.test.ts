import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Webhook } from '#api';
import { allKinds } from './testing.ts';
import { webhookConfigurations } from './webhook-configurations.ts';

const kinds = await allKinds();
const source = { kinds, authorities: 'PEM', failurePolicy: 'Ignore', place: { url: 'https://10.0.0.1:9443' } } as const;
const { validating, mutating } = webhookConfigurations(source);
const all: readonly Webhook[] = [...(validating.webhooks ?? []), ...(mutating.webhooks ?? [])];

/** Groups of kinds that a cluster needs to run at all. */
const CLUSTERS_OWN = [
  '',
  'apps',
  'batch',
  'coordination.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
];

test('webhookConfigurations() asks about nothing that a cluster needs to run', () => {
  assert.ok(all.length > 8);
  for (const { failurePolicy, name, rules, timeoutSeconds } of all) {
    assert.equal(failurePolicy, 'Ignore', name);
    assert.ok(timeoutSeconds <= 5, name);
    for (const { apiGroups, operations, resources, scope } of rules) {
      for (const group of apiGroups) assert.ok(group !== '*' && !CLUSTERS_OWN.includes(group), `${name}: ${group}`);
      // Nothing with a namespace is kept from being deleted: that would keep its namespace.
      assert.ok(scope === 'Cluster' || !operations.includes('DELETE'), name);
      // No subresource: our own status goes unasked.
      for (const resource of resources) assert.match(resource, /^[a-z-]+$/, name);
    }
  }
});

test('webhookConfigurations() has names of their own, and says how to know and reach us', () => {
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { name, clientConfig } of all) {
    assert.match(name, /^[a-z0-9-]+(\.[a-z0-9-]+){2,}$/);
    assert.equal(clientConfig.caBundle, Buffer.from('PEM').toString('base64'));
  }
  assert.equal(validating.webhooks?.[0]?.clientConfig.url, 'https://10.0.0.1:9443/validate');
  assert.equal(mutating.webhooks?.[0]?.clientConfig.url, 'https://10.0.0.1:9443/mutate');
  const service = { namespace: 'kube-system', name: 'underlane', port: 443 };
  const [first] = webhookConfigurations({ ...source, place: { service } }).validating.webhooks ?? [];
  assert.deepEqual(first?.clientConfig.service, { ...service, path: '/validate' });
  assert.equal(first?.clientConfig.url, undefined);
});

test('webhookConfigurations() leaves out claims that agents make, and waits a second at most for others', () => {
  const claims = all.filter(({ rules }) => rules.some(({ resources }) => resources.includes('ipallocations')));
  assert.deepEqual(
    claims.map(({ rules, objectSelector, timeoutSeconds }) => [
      rules[0]?.operations,
      objectSelector?.matchExpressions.map(({ key, operator }) => `${key} ${operator}`),
      timeoutSeconds,
    ]),
    [
      [['CREATE'], ['underlane.io/review NotIn', 'underlane.io/node DoesNotExist'], 5],
      [['UPDATE'], ['underlane.io/review NotIn'], 1],
    ],
  );
});

test('webhookConfigurations() has API servers insist only where it is asked for, and never on claims or for kube-system', () => {
  const { validating: strict } = webhookConfigurations({ ...source, failurePolicy: 'Fail' });
  for (const { failurePolicy, name, namespaceSelector } of strict.webhooks ?? []) {
    assert.equal(failurePolicy, name.startsWith('ipallocations.') ? 'Ignore' : 'Fail', name);
    if (failurePolicy === 'Ignore') continue;
    const { values } = namespaceSelector?.matchExpressions.find(({ key }) => key.startsWith('kubernetes.io/')) ?? {};
    assert.deepEqual(values, ['kube-system']);
  }
});
