import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pod } from '#api';
import type { JournalEntry } from '#attach';
import { type Clock, silentLog } from '#base';
import type { CacheChange, WatchCache } from '#kube';
import { entryOf } from '../attach/journal/testing.ts';
import { flagBarePods } from './flag-bare-pods.ts';

function podOf(annotations: Readonly<Record<string, string>>, more: Partial<Pod> = {}): Pod {
  const metadata = { name: 'web', namespace: 'shop', uid: 'u1', annotations: { ...annotations } };
  return { metadata, spec: {}, status: { phase: 'Running' }, ...more };
}

const ASKED = { 'k8s.v1.cni.cncf.io/networks': 'lan' };
const bare = podOf(ASKED);

// Not the pod's own uid: a static pod's is another one for the runtime.
const entry = entryOf({}, { pod: { namespace: 'shop', name: 'web', uid: 'other' } });

/** Flags what there is; the grace is over when `pass` is called. */
function start(first: readonly Pod[], entries: JournalEntry[] = []) {
  let objects = first;
  const listeners = new Set<(change: CacheChange<Pod>) => void>();
  const pods: WatchCache<Pod> = {
    isFresh: true,
    find: ({ name }) => objects.find(pod => pod.metadata.name === name),
    list: () => objects,
    ready: async () => undefined,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const sleeping: (() => void)[] = [];
  const clock: Clock = { now: () => 0, sleep: () => new Promise(resolve => sleeping.push(resolve)) };
  const said: string[] = [];
  const flags = flagBarePods({
    pods,
    journal: { list: () => entries },
    events: {
      record: (subject, type, reason) => said.push(`${type} ${reason} ${subject.namespace}/${subject.name}`),
      flush: async () => undefined,
      dropped: 0,
    },
    clock,
    log: silentLog,
    signal: new AbortController().signal,
  });
  return {
    said,
    flags,
    entries,
    async pass() {
      for (const wake of sleeping.splice(0)) wake();
      await nextTurn();
    },
    become(next: readonly Pod[], change: CacheChange<Pod>) {
      objects = next;
      for (const listener of listeners) listener(change);
    },
  };
}

suite('flagBarePods()', () => {
  test('says once of a running pod that it lacks its networks, and counts it until it is gone', async () => {
    const node = start([bare]);
    assert.deepEqual(node.said, []);
    await node.pass();
    assert.deepEqual(node.said, ['Warning NetworksMissing shop/web']);
    node.become([bare], { type: 'relisted' });
    node.become([bare], { type: 'put', object: bare });
    await node.pass();
    assert.equal(node.said.length, 1);
    assert.equal(node.flags.count(), 1);
    node.become([], { type: 'relisted' });
    assert.equal(node.flags.count(), 0);
  });

  test('says it of a pod that starts later', async () => {
    const node = start([]);
    node.become([bare], { type: 'put', object: bare });
    await node.pass();
    assert.equal(node.flags.count(), 1);
    node.become([], { type: 'deleted', object: bare });
    assert.equal(node.flags.count(), 0);
  });

  test('says nothing of a sandbox that is being replaced', async () => {
    const node = start([bare]);
    node.entries.push(entry);
    await node.pass();
    assert.deepEqual(node.said, []);
  });

  for (const [what, pod] of [
    ['asks for nothing', podOf({})],
    ['asks for nothing in blanks', podOf({ 'k8s.v1.cni.cncf.io/networks': ' ' })],
    ['has a network-status of somebody', podOf({ ...ASKED, 'k8s.v1.cni.cncf.io/network-status': '[]' })],
    ["is in the node's own network", podOf(ASKED, { spec: { hostNetwork: true } })],
    ['is not running yet', podOf(ASKED, { status: { phase: 'Pending' } })],
    ['has finished', podOf(ASKED, { status: { phase: 'Succeeded' } })],
    ['is terminating', podOf(ASKED, { metadata: { ...bare.metadata, deletionTimestamp: '2025-01-01T00:00:00Z' } })],
  ] as const) {
    test(`says nothing of a pod that ${what}`, async () => {
      const node = start([pod]);
      await node.pass();
      assert.deepEqual(node.said, []);
    });
  }

  test('says nothing of a pod that we have attached', async () => {
    const node = start([bare], [entry]);
    await node.pass();
    assert.deepEqual(node.said, []);
  });
});
