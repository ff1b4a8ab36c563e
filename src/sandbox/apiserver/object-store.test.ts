import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiObject } from './api-object.ts';
import type { StoreChange } from './object-store.ts';
import { createObjectStore } from './object-store.ts';

function object(name: string, namespace = 'ns'): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name, namespace, uid: name, resourceVersion: '', creationTimestamp: '' },
  };
}

const summary = (changes: readonly StoreChange[] | undefined): readonly string[] | undefined =>
  changes?.map(change => `${change.version} ${change.type} ${change.object.metadata.name}`);

test('put() and delete() count versions over all resources and tell watchers in order', () => {
  const store = createObjectStore({ firstVersion: 100 });
  const seen: StoreChange[] = [];
  const stop = store.subscribe('g/a', change => seen.push(change));
  assert.equal(store.put('g/a', object('x')).metadata.resourceVersion, '101');
  store.put('g/b', object('y'));
  store.put('g/a', object('x'));
  assert.equal(store.delete('g/a', 'ns', 'x')?.metadata.resourceVersion, '104');
  assert.equal(store.delete('g/a', 'ns', 'x'), undefined);
  stop();
  store.put('g/a', object('z'));
  assert.deepEqual(summary(seen), ['101 ADDED x', '103 MODIFIED x', '104 DELETED x']);
  assert.equal(seen[2]?.previous?.metadata.resourceVersion, '103');
});

test('list() is ordered by namespace and name, and can be of one namespace', () => {
  const store = createObjectStore();
  for (const [name, namespace] of [
    ['b', 'n2'],
    ['a', 'n2'],
    ['c', 'n1'],
    ['d', 'n1-x'],
  ] as const)
    store.put('g/a', object(name, namespace));
  assert.deepEqual(
    store.list('g/a').map(item => item.metadata.name),
    ['d', 'c', 'a', 'b'],
  );
  assert.deepEqual(
    store.list('g/a', 'n1').map(item => item.metadata.name),
    ['c'],
  );
});

test('changesSince() gives what came after, and nothing where the history was cut', () => {
  const store = createObjectStore({ firstVersion: 100, historyLimit: 3 });
  for (let index = 0; index < 6; index++) store.put('g/a', object(`o${index}`));
  assert.deepEqual(summary(store.changesSince('g/a', 104)), ['105 ADDED o4', '106 ADDED o5']);
  assert.deepEqual(summary(store.changesSince('g/a', 106)), []);
  assert.equal(summary(store.changesSince('g/a', 103))?.length, 3);
  assert.equal(store.changesSince('g/a', 102), undefined);
  assert.equal(store.changesSince('g/other', 99), undefined);
  assert.deepEqual(store.changesSince('g/other', 100), []);
});

test('compact() makes every older version too old, also for resources yet unseen', () => {
  const store = createObjectStore({ firstVersion: 100 });
  store.put('g/a', object('x'));
  store.compact();
  assert.equal(store.changesSince('g/a', 100), undefined);
  assert.deepEqual(store.changesSince('g/a', 101), []);
  assert.equal(store.changesSince('g/new', 100), undefined);
});
