import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiObject } from '../api-object.ts';
import { defineResource } from '../define-resource.ts';
import { createObjectStore } from '../object-store.ts';
import { PLAIN } from '../usual-rules.ts';
import type { Attributes } from './attributes.ts';
import { findWebhooks } from './find-webhooks.ts';
import { VALIDATING, WEBHOOK_GROUP } from './webhook-resources.ts';

const pods = defineResource('pods', 'Pod', [], [], PLAIN, ['status']);
const pod = { metadata: { name: 'p', labels: { app: 'web' } } } as unknown as ApiObject; // what selectors look at
const change: Attributes = { operation: 'UPDATE', resource: pods, namespace: 'default', name: 'p', previous: pod };

function finds(webhook: object, attributes: Attributes = change, object: ApiObject | undefined = pod): boolean {
  const store = createObjectStore();
  const namespace = { metadata: { name: 'default', labels: { team: 'a' } } };
  store.put('/namespaces', namespace as unknown as ApiObject); // what selectors look at
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['pods'] }];
  const configuration = { metadata: { name: 'c' }, webhooks: [{ rules, ...webhook }] };
  store.put(`${WEBHOOK_GROUP}/${VALIDATING}`, configuration as unknown as ApiObject); // as it is stored
  return findWebhooks(store, VALIDATING, attributes, object).length > 0;
}

function rule(more: object): object {
  const usual = { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] };
  return { rules: [{ ...usual, ...more }] };
}

test('findWebhooks() goes by group, version, operation and resource', () => {
  assert.ok(finds({}));
  for (const miss of [
    { apiGroups: ['apps'] },
    { apiVersions: ['v2'] },
    { operations: ['CREATE'] },
    { resources: ['nodes'] },
  ])
    assert.ok(!finds(rule(miss)), JSON.stringify(miss));
});

test('findWebhooks() takes a resource for its subresources only where the rule says so', () => {
  const status = { ...change, subresource: 'status' };
  const hits = (resource: string): boolean[] => [change, status].map(at => finds(rule({ resources: [resource] }), at));
  assert.deepEqual(hits('pods'), [true, false]);
  assert.deepEqual(hits('pods/status'), [false, true]);
  assert.deepEqual(hits('pods/*'), [true, true]);
  assert.deepEqual(hits('*/status'), [false, true]);
  assert.deepEqual(hits('*'), [true, false]);
  assert.deepEqual(hits('*/*'), [true, true]);
});

test('findWebhooks() goes by scope, and selects what has no namespace always', () => {
  const clusterWide = { ...change, namespace: undefined };
  assert.deepEqual([finds(rule({ scope: 'Cluster' })), finds(rule({ scope: 'Cluster' }), clusterWide)], [false, true]);
  assert.deepEqual(
    [finds(rule({ scope: 'Namespaced' })), finds(rule({ scope: 'Namespaced' }), clusterWide)],
    [true, false],
  );
});

test('findWebhooks() selects by labels of the object, before or after, and of its namespace', () => {
  const expression = (key: string, operator: string, ...values: string[]): object => ({
    matchExpressions: [{ key, operator, values }],
  });
  const bare = { metadata: { name: 'p' } } as unknown as ApiObject; // what selectors look at
  assert.ok(finds({ objectSelector: { matchLabels: { app: 'web' } } }, change, bare));
  assert.ok(!finds({ objectSelector: { matchLabels: { app: 'db' } } }));
  for (const [selector, isHit] of [
    [{ matchLabels: { team: 'a' } }, true],
    [{ matchLabels: { team: 'b' } }, false],
    [expression('team', 'In', 'a', 'b'), true],
    [expression('team', 'NotIn', 'a'), false],
    [expression('other', 'NotIn', 'a'), true],
    [expression('team', 'Exists'), true],
    [expression('team', 'DoesNotExist'), false],
  ] as const)
    assert.equal(finds({ namespaceSelector: selector }), isHit, JSON.stringify(selector));
});
