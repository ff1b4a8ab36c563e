import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textAt } from './json.ts';
import { createObjectStore } from './object-store.ts';
import { createResourceRegistry } from './resource-registry.ts';
import { startWatchFeed } from './watch-feed.ts';

test('WatchFeed.bookmark() is of the form that the watch asked for', () => {
  const store = createObjectStore();
  const resource = createResourceRegistry(store, { serviceCidrs: ['10.96.0.0/16'], now: Date.now }).find(
    '',
    'v1',
    'pods',
  );
  assert.ok(resource !== undefined);
  const kinds = (['object', 'metadata'] as const).map(form => {
    const request = { resource, namespace: undefined, selector: () => true, form, since: undefined };
    const feed = startWatchFeed(store, request, Date.now, () => {});
    feed?.stop();
    return textAt(feed?.bookmark(), 'object.kind');
  });
  assert.deepEqual(kinds, ['Pod', 'PartialObjectMetadata']);
});
