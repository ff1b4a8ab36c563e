import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pod } from '#api';
import { silentLog } from '#base';
import type { CacheChange, WatchCache } from '#kube';
import { NetworksError } from '#networks';
import { followNetworks } from './hot-plug.ts';
import type { RetryTask } from './retry-loop.ts';

const KEY = 'k8s.v1.cni.cncf.io/networks';

function podOf(networks: string, resourceVersion = '1'): Pod {
  const metadata = { name: 'web', namespace: 'shop', uid: 'u1', resourceVersion, annotations: { [KEY]: networks } };
  return { metadata, spec: {}, status: { phase: 'Running' } };
}

/** Follows one pod; `change` says what comes of each attempt. */
function start(first: Pod, change: (attempt: number) => Promise<boolean>) {
  let pod = first;
  let attempts = 0;
  const listeners = new Set<(change: CacheChange<Pod>) => void>();
  const pods: WatchCache<Pod> = {
    isFresh: true,
    find: () => pod,
    list: () => [pod],
    ready: async () => undefined,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const tasks: RetryTask[] = [];
  const plug = followNetworks({
    pods,
    attacher: {
      changeNetworks: async () => {
        try {
          return await change(++attempts);
        } finally {
          // As the attacher says of every owner whose last addresses are taken, or given up.
          plug.look('u1');
        }
      },
    },
    retries: { add: task => void (tasks.some(({ id }) => id === task.id) || tasks.push(task)) },
    log: silentLog,
  });
  return {
    tasks,
    plug,
    async settled() {
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      return attempts;
    },
    put(next: Pod) {
      const previous = pod;
      pod = next;
      for (const listener of listeners) listener({ type: 'put', object: next, previous });
    },
    relist() {
      for (const listener of listeners) listener({ type: 'relisted' });
    },
    async retry() {
      await tasks[0]?.run();
      tasks.shift();
    },
  };
}

const missing = (): Promise<boolean> => Promise.reject(new NetworksError('NETWORK_NOT_FOUND', 'Cannot find "lan"'));

suite('followNetworks()', () => {
  test('leaves a change that failed to the retries, whatever else becomes of the pod', async () => {
    const { put, relist, settled, tasks } = start(podOf('lan'), missing);
    relist();
    assert.equal(await settled(), 1);
    put(podOf('lan', '2'));
    relist();
    assert.equal(await settled(), 1);
    assert.equal(tasks.length, 1);
  });

  test('tries another annotation at once, and again what had failed once it is done', async () => {
    const { put, relist, retry, settled } = start(podOf('lan'), attempt =>
      attempt < 3 ? missing() : Promise.resolve(true),
    );
    relist();
    await settled();
    put(podOf('other', '2'));
    assert.equal(await settled(), 2);
    await retry();
    assert.equal(await settled(), 3);
    put(podOf('other', '3'));
    assert.equal(await settled(), 3, 'it is as the annotation says');
    put(podOf('lan', '4'));
    assert.equal(await settled(), 4);
  });

  test('look() sees a pod whose ADD was not through when its annotation came', async () => {
    const { plug, relist, settled } = start(podOf('lan'), async attempt => attempt > 1);
    relist();
    assert.equal(await settled(), 1);
    plug.look('u1');
    assert.equal(await settled(), 2);
  });
});
