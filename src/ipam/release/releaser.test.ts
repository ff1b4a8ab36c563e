import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { KubeObject } from '#api';
import { silentLog, systemClock } from '#base';
import { claimOn } from '../../api/testing.ts';
import { clientOf } from '../../kube/testing.ts';
import { createReleaser, type Releaser, type ReleaserOptions } from './releaser.ts';

const REF = { name: 'default-10.0.0.5', uid: 'claim-uid' };

const claim = claimOn('10.0.0.5/24', {}, { ...REF, resourceVersion: '1' });

/** Answers at once, so that only microtasks lie between a call and what it leads to. */
const client = clientOf({
  // The only resource that a releaser gets.
  get: async <T extends KubeObject>() => claim as unknown as T,
});

interface Surroundings {
  readonly release?: ReleaserOptions['store']['release'];
  readonly podState?: ReleaserOptions['podState'];
  readonly isBound?: () => boolean;
}

/** With a releaser of its own: unless said otherwise pods have gone, no sandbox uses a claim, and releases succeed. */
async function withReleaser(
  { release = async () => 'released', podState = async () => 'gone', isBound = () => false }: Surroundings,
  run: (releaser: Releaser, dir: string) => Promise<void>,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-releaser-'));
  try {
    const releaser = createReleaser({
      dir,
      store: { handOver: async () => false, release },
      client,
      node: 'n1',
      isBound,
      isSpare: () => false,
      podState,
      clock: systemClock,
      log: silentLog,
      signal: new AbortController().signal,
    });
    await run(releaser, dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test('podChanged() is never lost, at whatever moment of a run it comes', async () => {
  for (let moment = 0; moment < 60; moment++) {
    let isLive = true;
    let released = 0;
    const surroundings: Surroundings = {
      async release() {
        released++;
        return 'released';
      },
      podState: async () => (isLive ? 'live' : 'gone'),
    };
    await withReleaser(surroundings, async releaser => {
      await releaser.enqueue([REF]);
      await releaser.idle();
      assert.equal(released, 0);
      releaser.podChanged('pod-uid');
      for (let turn = 0; turn < moment; turn++) await Promise.resolve();
      isLive = false;
      releaser.podChanged('pod-uid');
      await releaser.idle();
      assert.equal(released, 1, `after ${moment} turns`);
      assert.equal(releaser.size, 0);
    });
  }
});

test('a claim that changed since it was looked at is looked at again', async () => {
  const outcomes = ['changed', 'changed', 'released'] as const;
  let calls = 0;
  await withReleaser({ release: async () => outcomes[calls++] ?? 'gone' }, async releaser => {
    await releaser.enqueue([REF]);
    await releaser.idle();
    assert.equal(calls, 3);
    assert.equal(releaser.size, 0);
  });
});

test('enqueue() of one claim by several at once, and twice in one call, queues it once', async () => {
  await withReleaser({ podState: async () => 'live' }, async (releaser, dir) => {
    // A DEL, and the keeper that hears at the same moment that the pod has gone.
    await Promise.all([releaser.enqueue([REF, REF]), releaser.enqueue([REF]), releaser.enqueue([REF])]);
    await releaser.idle();
    assert.equal(releaser.size, 1);
    assert.deepEqual(readdirSync(dir), ['claim-uid.json']);
    assert.deepEqual(JSON.parse(readFileSync(join(dir, 'claim-uid.json'), 'utf8')), REF);
  });
});

test('enqueue() that cannot write says so, and can be repeated', async () => {
  await withReleaser({}, async (releaser, dir) => {
    // A directory in the way stands for any file system that says no, also to root.
    mkdirSync(join(dir, 'claim-uid.json'));
    await assert.rejects(releaser.enqueue([REF]), { code: 'QUEUE_WRITE', message: /claim-uid\.json/ });
    assert.deepEqual(readdirSync(dir), ['claim-uid.json']);
    assert.equal(releaser.size, 0);
    rmSync(join(dir, 'claim-uid.json'), { recursive: true });
    await releaser.enqueue([REF]);
    await releaser.idle();
    assert.equal(releaser.size, 0);
    assert.deepEqual(readdirSync(dir), []);
  });
});

test('a claim that waits for the sandbox of a former holder goes when that one lets go of the address', async () => {
  const released: string[] = [];
  let isBound = true;
  const surroundings: Surroundings = {
    async release({ uid }) {
      released.push(uid);
      return 'released';
    },
    isBound: () => isBound,
  };
  await withReleaser(surroundings, async releaser => {
    await releaser.enqueue([REF]);
    await releaser.idle();
    assert.deepEqual(released, []);
    isBound = false;
    await releaser.enqueue([{ ...REF, uid: 'former-uid' }]);
    await releaser.idle();
    assert.deepEqual(released, ['claim-uid']);
    assert.equal(releaser.size, 0);
  });
});
