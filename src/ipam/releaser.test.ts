import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { IPAllocation, KubeObject } from '#api';
import { silentLog, systemClock } from '#base';
import type { KubeClient } from '#kube';
import type { ClaimStore } from './claim-store.ts';
import { createReleaser } from './releaser.ts';

const claim: IPAllocation = {
  metadata: { name: 'default-10.0.0.5', uid: 'claim-uid', resourceVersion: '1' },
  spec: {
    address: '10.0.0.5/24',
    pool: { dialect: 'whereabouts', kind: 'IPPool', name: '10.0.0.0-24' },
    owner: { podNamespace: 'default', podName: 'web-0', podUid: 'pod-uid', network: 'lan', interface: 'net1', slot: 0 },
    node: 'n1',
    policy: 'Ephemeral',
  },
};

/** Answers at once, so that only microtasks lie between a call and what it leads to. */
function refuse(): never {
  throw new TypeError('not asked for');
}
const client: KubeClient = {
  // The only resource that a releaser gets.
  get: async <T extends KubeObject>() => claim as unknown as T,
  list: refuse,
  create: refuse,
  update: refuse,
  mergePatch: refuse,
  delete: refuse,
  watch: refuse,
  close: () => undefined,
};

test('podChanged() is never lost, at whatever moment of a run it comes', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-releaser-'));
  try {
    for (let moment = 0; moment < 60; moment++) {
      let isLive = true;
      let released = 0;
      const store: Pick<ClaimStore, 'release' | 'handOver'> = {
        handOver: async () => false,
        release: async () => {
          released++;
          return 'released';
        },
      };
      const releaser = createReleaser({
        dir,
        store,
        client,
        node: 'n1',
        isBound: () => false,
        isSpare: () => false,
        podState: async () => (isLive ? 'live' : 'gone'),
        clock: systemClock,
        log: silentLog,
        signal: new AbortController().signal,
      });
      await releaser.enqueue([{ name: claim.metadata.name, uid: 'claim-uid' }]);
      await releaser.idle();
      assert.equal(released, 0);
      releaser.podChanged('pod-uid');
      for (let turn = 0; turn < moment; turn++) await Promise.resolve();
      isLive = false;
      releaser.podChanged('pod-uid');
      await releaser.idle();
      assert.equal(released, 1, `after ${moment} turns`);
      assert.equal(releaser.size, 0);
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('a claim that changed since it was looked at is looked at again', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-releaser-'));
  try {
    const outcomes = ['changed', 'changed', 'released'] as const;
    let calls = 0;
    const store: Pick<ClaimStore, 'release' | 'handOver'> = {
      handOver: async () => false,
      release: async () => outcomes[calls++] ?? 'gone',
    };
    const releaser = createReleaser({
      dir,
      store,
      client,
      node: 'n1',
      isBound: () => false,
      isSpare: () => false,
      podState: async () => 'gone',
      clock: systemClock,
      log: silentLog,
      signal: new AbortController().signal,
    });
    await releaser.enqueue([{ name: claim.metadata.name, uid: 'claim-uid' }]);
    await releaser.idle();
    assert.equal(calls, 3);
    assert.equal(releaser.size, 0);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('enqueue() of one claim by several at once, and twice in one call, queues it once', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-releaser-'));
  try {
    const store: Pick<ClaimStore, 'release' | 'handOver'> = {
      handOver: async () => false,
      release: async () => 'released',
    };
    const releaser = createReleaser({
      dir,
      store,
      client,
      node: 'n1',
      isBound: () => false,
      isSpare: () => false,
      podState: async () => 'live',
      clock: systemClock,
      log: silentLog,
      signal: new AbortController().signal,
    });
    const ref = { name: claim.metadata.name, uid: 'claim-uid' };
    // A DEL, and the keeper that hears at the same moment that the pod has gone.
    await Promise.all([releaser.enqueue([ref, ref]), releaser.enqueue([ref]), releaser.enqueue([ref])]);
    await releaser.idle();
    assert.equal(releaser.size, 1);
    assert.deepEqual(readdirSync(dir), ['claim-uid.json']);
    assert.deepEqual(JSON.parse(readFileSync(join(dir, 'claim-uid.json'), 'utf8')), ref);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('enqueue() that cannot write says so, and can be repeated', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-releaser-'));
  try {
    const store: Pick<ClaimStore, 'release' | 'handOver'> = {
      handOver: async () => false,
      release: async () => 'released',
    };
    const releaser = createReleaser({
      dir,
      store,
      client,
      node: 'n1',
      isBound: () => false,
      isSpare: () => false,
      podState: async () => 'gone',
      clock: systemClock,
      log: silentLog,
      signal: new AbortController().signal,
    });
    const ref = { name: claim.metadata.name, uid: 'claim-uid' };
    // A directory in the way stands for any file system that says no, also to root.
    mkdirSync(join(dir, 'claim-uid.json'));
    await assert.rejects(releaser.enqueue([ref]), { code: 'QUEUE_WRITE', message: /claim-uid\.json/ });
    assert.deepEqual(readdirSync(dir), ['claim-uid.json']);
    assert.equal(releaser.size, 0);
    rmSync(join(dir, 'claim-uid.json'), { recursive: true });
    await releaser.enqueue([ref]);
    await releaser.idle();
    assert.equal(releaser.size, 0);
    assert.deepEqual(readdirSync(dir), []);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('a claim that waits for the sandbox of a former holder goes when that one lets go of the address', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-releaser-'));
  try {
    const released: string[] = [];
    let isBound = true;
    const releaser = createReleaser({
      dir,
      store: {
        handOver: async () => false,
        async release({ uid }) {
          released.push(uid);
          return 'released';
        },
      },
      client,
      node: 'n1',
      isBound: () => isBound,
      isSpare: () => false,
      podState: async () => 'gone',
      clock: systemClock,
      log: silentLog,
      signal: new AbortController().signal,
    });
    await releaser.enqueue([{ name: claim.metadata.name, uid: 'claim-uid' }]);
    await releaser.idle();
    assert.deepEqual(released, []);
    isBound = false;
    await releaser.enqueue([{ name: claim.metadata.name, uid: 'former-uid' }]);
    await releaser.idle();
    assert.deepEqual(released, ['claim-uid']);
    assert.equal(releaser.size, 0);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
