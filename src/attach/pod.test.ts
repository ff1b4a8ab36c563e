import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject, Pod } from '#api';
import { ApiError, type WatchCache } from '#kube';
import { clientOf, refuse } from '../kube/testing.ts';
import { podState } from './pod.ts';

const NAME = { namespace: 'default', name: 'web-0' };

function podOfUid(uid: string, status?: Pod['status']): Pod {
  return { metadata: { ...NAME, uid }, spec: {}, ...(status === undefined ? {} : { status }) };
}

/** A node whose cache holds one pod and whose API server another; undefined is none. */
function createApi(cached: Pod | undefined, live: Pod | undefined | 'unasked') {
  const pods: WatchCache<Pod> = {
    isFresh: true,
    find: () => cached,
    list: refuse,
    ready: refuse,
    subscribe: refuse,
  };
  const client = clientOf({
    get: async <T extends KubeObject>() => {
      if (live === 'unasked') refuse();
      if (live === undefined) throw new ApiError('NotFound', 'no such pod');
      // The only resource that is asked for.
      return live as unknown as T;
    },
  });
  return { pods, client };
}

for (const [what, cached, live, state] of [
  ['in the cache', podOfUid('a'), 'unasked', 'live'],
  ['in the cache and done', podOfUid('a', { phase: 'Failed' }), 'unasked', 'finished'],
  ['not yet in the cache', undefined, podOfUid('a'), 'live'],
  ['hidden by a former pod of its name', podOfUid('former'), podOfUid('a'), 'live'],
  ['nowhere', undefined, undefined, 'gone'],
  ['replaced by another of its name', podOfUid('a2'), podOfUid('a2'), 'gone'],
] as const) {
  test(`podState() of a pod ${what} is "${state}"`, async () => {
    assert.equal(await podState(createApi(cached, live), { ...NAME, uid: 'a' }), state);
  });
}
