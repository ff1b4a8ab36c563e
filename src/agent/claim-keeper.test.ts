import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPAllocation, KubeObject, Pod } from '#api';
import { type Clock, silentLog } from '#base';
import type { ClaimRef } from '#ipam';
import type { CacheChange, WatchCache } from '#kube';
import { claimOn } from '../api/testing.ts';
import { keepClaims } from './claim-keeper.ts';

const claim = claimOn('10.0.0.5/24');

interface FakeCache<T extends KubeObject> extends WatchCache<T> {
  tell(change: CacheChange<T>): void;
}

function createCache<T extends KubeObject>(
  objects: readonly T[],
  find: WatchCache<T>['find'] = () => undefined,
): FakeCache<T> {
  const listeners = new Set<(change: CacheChange<T>) => void>();
  return {
    isFresh: true,
    find,
    list: () => objects,
    ready: async () => undefined,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell(change) {
      for (const listener of listeners) listener(change);
    },
  };
}

interface Options {
  readonly claims?: readonly IPAllocation[];
  /** How long the keeper's pauses are. Default: none. */
  readonly sleep?: () => Promise<void>;
  readonly pods?: FakeCache<Pod>;
  readonly isBound?: boolean | ((owner: string | undefined) => boolean);
  /** The same, where it changes. */
  readonly use?: { isBound: boolean };
  readonly isSpare?: boolean;
  readonly busyOwners?: readonly string[];
  readonly shares?: readonly ClaimRef[];
  readonly reassert?: () => Promise<void>;
}

function start({
  claims: held = [claim],
  sleep = async () => undefined,
  pods = createCache<Pod>([]),
  isBound = false,
  use,
  isSpare = false,
  busyOwners = [],
  shares = [],
  reassert = async () => undefined,
}: Options) {
  const claims = createCache(held);
  const queued: ClaimRef[] = [];
  const forgotten: string[] = [];
  const ending = new AbortController();
  const slept: number[] = [];
  const clock: Clock = {
    now: () => 0,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      slept.push(ms);
      await sleep();
    },
  };
  const keeper = keepClaims({
    claims,
    pods,
    isBound: (_, owner) => use?.isBound ?? (typeof isBound === 'function' ? isBound(owner) : isBound),
    isSpare: () => isSpare,
    busyOwners: () => busyOwners,
    shares: () => shares,
    releaser: {
      enqueue: async refs => void queued.push(...refs),
      podChanged: () => undefined,
      forget: uid => void forgotten.push(uid),
      idle: async () => undefined,
      size: 0,
    },
    reassert,
    clock,
    log: silentLog,
    signal: ending.signal,
  });
  return { claims, queued, forgotten, slept, ending, keeper };
}

function forever(): Promise<never> {
  return new Promise(() => undefined);
}

/** Lets everything run that waits for nothing but promises. */
async function settle(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve));
}

test('a claim that comes to light after its pod has gone is queued for release', () => {
  const { claims, queued } = start({});
  claims.tell({ type: 'put', object: claim });
  assert.deepEqual(queued, [{ name: 'default-10.0.0.5', uid: 'claim-uid' }]);
});

test('a claim that comes to light is left alone while it is bound, or its pod lives', () => {
  const bound = start({ isBound: true, sleep: forever });
  bound.claims.tell({ type: 'put', object: claim });
  assert.deepEqual(bound.queued, []);
  const pod: Pod = { metadata: { name: 'web-0', namespace: 'default', uid: 'pod-uid' }, spec: {} };
  const living = start({ pods: createCache([pod], () => pod) });
  living.claims.tell({ type: 'put', object: claim });
  assert.deepEqual(living.queued, []);
});

test("a claim of a workload's former pod is queued when the next one has another", () => {
  const workload = { kind: 'StatefulSet', name: 'web', uid: 'set-uid', member: 'web-0' } as const;
  const of = (uid: string, podUid: string): IPAllocation => ({
    metadata: { name: `default-${uid}`, uid },
    spec: { ...claim.spec, owner: { ...claim.spec.owner, podUid, workload } },
  });
  const [former, next] = [of('a', 'former-pod'), of('b', 'next-pod')];
  const foreign = { ...of('c', 'former-pod'), spec: { ...former.spec, owner: { ...former.spec.owner, slot: 1 } } };
  const pod: Pod = { metadata: { name: 'web-0', namespace: 'default', uid: 'next-pod' }, spec: {} };
  const { claims, queued } = start({
    claims: [former, next, foreign],
    pods: createCache([pod], () => pod),
    sleep: forever,
  });
  claims.tell({ type: 'put', object: next });
  assert.deepEqual(queued, [{ name: 'default-a', uid: 'a' }]);
});

test('a claim of a pod that somebody else has attached is left alone until the pod has finished or gone', () => {
  const labels = { 'underlane.io/imported-from': 'whereabouts' };
  const imported: IPAllocation = { ...claim, metadata: { ...claim.metadata, labels } };
  const metadata = { name: 'web-0', namespace: 'default', uid: 'pod-uid', deletionTimestamp: '2026-01-01T00:00:00Z' };
  for (const [held, pod, isQueued] of [
    [imported, { metadata, spec: {} }, false],
    [claim, { metadata, spec: {} }, true],
    [imported, { metadata: { ...metadata, uid: 'another' }, spec: {} }, true],
    [imported, undefined, true],
  ] as const) {
    const { claims, queued } = start({ pods: createCache<Pod>([], () => pod), isSpare: held === imported });
    claims.tell({ type: 'put', object: held });
    assert.equal(queued.length > 0, isQueued, JSON.stringify([held.metadata, pod?.metadata]));
  }
});

test('holding the claims against the API server is tried until it has worked, and again when asked meanwhile', async () => {
  let calls = 0;
  const { claims, slept } = start({
    reassert: async () => {
      calls++;
      if (calls === 2) claims.tell({ type: 'relisted' });
      if (calls < 4) throw new Error('API server is away');
    },
  });
  claims.tell({ type: 'relisted' });
  await settle();
  assert.equal(calls, 4);
  assert.equal(slept.length, 3);
  claims.tell({ type: 'relisted' });
  claims.tell({ type: 'relisted' });
  await settle();
  assert.equal(calls, 6, 'once, and once for what was told while it ran');
});

test('what an IPAMClaim keeps is looked at each minute for as long as there is any, once for all', async () => {
  const kept: IPAllocation[] = [
    { ...claim, spec: { ...claim.spec, policy: 'Sticky' } },
    { ...claim, metadata: { name: 'default-10.0.0.6', uid: 'other' } },
  ];
  let pass = Promise.withResolvers<void>();
  const { claims, queued, slept } = start({ claims: kept, sleep: () => pass.promise });
  const minute = async (): Promise<void> => {
    const { resolve } = pass;
    pass = Promise.withResolvers<void>();
    resolve();
    await settle();
  };
  claims.tell({ type: 'relisted' });
  claims.tell({ type: 'relisted' });
  assert.deepEqual(slept, [60_000]);
  queued.length = 0;
  await minute();
  assert.deepEqual(queued, [{ name: 'default-10.0.0.5', uid: 'claim-uid' }]);
  assert.equal(slept.length, 2);
  kept.length = 0;
  await minute();
  assert.equal(slept.length, 2);
});

test('a claim in quarantine is looked at each minute and queued when its time is over', async () => {
  let until = new Date(1).toISOString();
  const { network, interface: ifname, slot } = claim.spec.owner;
  const held = (): IPAllocation => ({
    ...claim,
    spec: {
      ...claim.spec,
      owner: { network, interface: ifname, slot },
      policy: 'Quarantine',
      quarantine: { mac: '02:00:00:00:00:01', until },
    },
  });
  const kept = [held()];
  let pass = Promise.withResolvers<void>();
  const { claims, queued } = start({ claims: kept, sleep: () => pass.promise });
  claims.tell({ type: 'put', object: held() });
  assert.deepEqual(queued, []);
  until = new Date(0).toISOString();
  kept.splice(0, 1, held());
  const { resolve } = pass;
  pass = Promise.withResolvers<void>();
  resolve();
  await settle();
  assert.deepEqual(queued, [{ name: 'default-10.0.0.5', uid: 'claim-uid' }]);
});

test('a claim that is lost while an ADD counts on it is held again when the ADD has ended', async () => {
  let calls = 0;
  const { claims, keeper } = start({
    isBound: true,
    sleep: forever,
    reassert: async () => {
      calls++;
    },
  });
  claims.tell({ type: 'deleted', object: claim });
  await settle();
  assert.equal(calls, 1, 'the journal has no entry yet');
  keeper.judgeOwner('pod-uid');
  keeper.judgeOwner('pod-uid');
  await settle();
  assert.equal(calls, 2);
});

test('claims that an ADD counts on are held again when it has ended after a relist, which tells nothing of what has come and gone', async () => {
  let calls = 0;
  const { claims, keeper } = start({
    claims: [],
    busyOwners: ['pod-uid'],
    reassert: async () => {
      calls++;
    },
  });
  claims.tell({ type: 'relisted' });
  await settle();
  assert.equal(calls, 1, 'the journal has no entry yet');
  keeper.judgeOwner('another');
  keeper.judgeOwner('pod-uid');
  keeper.judgeOwner('pod-uid');
  await settle();
  assert.equal(calls, 2);
});

test("a share in another node's claim is held again each minute, until the claim is this node's", async () => {
  const shares = [{ name: 'default-10.0.0.6', uid: 'of-another-node' }];
  const passes: (() => void)[] = [];
  let calls = 0;
  const { keeper, slept } = start({
    claims: [],
    shares,
    sleep: () => new Promise(resolve => passes.push(resolve)),
    reassert: async () => {
      calls++;
    },
  });
  keeper.judgeOwner('pod-uid');
  for (const minute of [1, 2]) {
    passes.pop()?.();
    await settle();
    assert.deepEqual([calls, slept.length], [minute, minute + 1]);
  }
  shares.length = 0;
  passes.pop()?.();
  await settle();
  assert.deepEqual([calls, passes.length], [2, 0]);
});

/** What a call that has found a stranger makes of the claim: nobody's. */
const quarantined: IPAllocation = (() => {
  const { network, interface: ifname, slot } = claim.spec.owner;
  const until = new Date(600_000).toISOString();
  const quarantine = { mac: '02:00:00:00:00:01', until };
  return {
    ...claim,
    spec: { ...claim.spec, owner: { network, interface: ifname, slot }, policy: 'Quarantine', quarantine },
  };
})();

test('a claim that is put into quarantine is held again where a sandbox uses it', async () => {
  for (const isBound of [true, false]) {
    let calls = 0;
    const { claims } = start({
      isBound,
      sleep: forever,
      reassert: async () => {
        calls++;
      },
    });
    claims.tell({ type: 'put', object: quarantined });
    await settle();
    assert.equal(calls, isBound ? 1 : 0);
  }
});

test('a claim that is put into quarantine while an ADD counts on it is held again when the ADD has ended', async () => {
  let calls = 0;
  const { claims, keeper } = start({
    isBound: owner => owner === 'pod-uid',
    sleep: forever,
    reassert: async () => {
      calls++;
    },
  });
  claims.tell({ type: 'put', object: quarantined, previous: claim });
  await settle();
  assert.equal(calls, 1, 'the journal has no entry yet');
  keeper.judgeOwner('pod-uid');
  await settle();
  assert.equal(calls, 2);
});

test('a claim that has gone, or over to another node, is no longer queued', () => {
  const { claims, forgotten } = start({});
  claims.tell({ type: 'deleted', object: claim });
  assert.deepEqual(forgotten, ['claim-uid']);
});

test('a claim of an ended pod that a sandbox still uses is looked at again in a minute', async () => {
  const pass = Promise.withResolvers<void>();
  const use = { isBound: true };
  const { claims, queued, slept } = start({ use, sleep: () => pass.promise });
  claims.tell({ type: 'put', object: claim });
  assert.deepEqual([queued, slept], [[], [60_000]]);
  use.isBound = false;
  pass.resolve();
  await settle();
  assert.deepEqual(queued[0], { name: 'default-10.0.0.5', uid: 'claim-uid' });
});

test('nothing is tried any more when the agent ends', async () => {
  let calls = 0;
  const { claims, ending } = start({
    reassert: async () => {
      calls++;
      ending.abort();
      throw new Error('API server is away');
    },
  });
  claims.tell({ type: 'relisted' });
  await settle();
  assert.equal(calls, 1);
});
