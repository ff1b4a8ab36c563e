import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEASES, type Lease } from '#api';
import { type Clock, silentLog } from '#base';
import { createApiServer } from '../sandbox/apiserver/mod.ts';
import type { KubeClient } from './client.ts';
import { createKubeClient } from './create-kube-client.ts';
import { elect } from './elect.ts';

const LEASE = { namespace: 'kube-system', name: 'leader' };

/** A machine's clock that is `aheadMs` ahead of real time, which passes faster. */
function fastClock(aheadMs = 0, speed = 50): Clock {
  const start = performance.now();
  return {
    now: () => Date.now() + aheadMs + (performance.now() - start) * speed,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, ms / speed);
        signal?.addEventListener('abort', () => {
          clearTimeout(timer);
          reject(signal.reason);
        });
      }),
  };
}

/** Those that are under way, which a test that fails does not stop. */
const candidacies: AbortController[] = [];

interface Scene {
  readonly client: KubeClient;
  readonly server: string;
  lease(): Promise<Lease>;
}

async function withServer(run: (scene: Scene) => Promise<void>): Promise<void> {
  const server = createApiServer({});
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = createKubeClient({ server: url, isTlsVerified: true, namespace: 'default' });
  try {
    await run({ client, server: url, lease: () => client.get(LEASES, LEASE) });
  } finally {
    for (const ending of candidacies.splice(0)) ending.abort();
    client.close();
    await server.close();
  }
}

/** A candidate whose terms can be awaited; `stop` ends it as SIGTERM does, `cut` as a machine that hangs. */
function candidate(
  client: KubeClient,
  identity: string,
  steady: Clock,
  { clock = steady, durationSeconds = 15 }: { readonly clock?: Clock; readonly durationSeconds?: number } = {},
) {
  const ending = new AbortController();
  candidacies.push(ending);
  const terms: AbortSignal[] = [];
  let wake = Promise.withResolvers<AbortSignal>();
  let isCut = false;
  const link: KubeClient = {
    ...client,
    get: (...args) => (isCut ? Promise.reject(new Error('cut off')) : client.get(...args)),
    update: (...args) => (isCut ? Promise.reject(new Error('cut off')) : client.update(...args)),
  };
  const done = elect(
    { client: link, lease: LEASE, identity, durationSeconds, clock, steady, log: silentLog, signal: ending.signal },
    async term => {
      terms.push(term);
      wake.resolve(term);
      if (!term.aborted) await new Promise(resolve => term.addEventListener('abort', resolve));
      wake = Promise.withResolvers();
    },
  );
  return {
    terms,
    leads: () => wake.promise,
    cut(is = true) {
      isCut = is;
    },
    async stop() {
      ending.abort();
      await done;
    },
  };
}

function isAborted(term: AbortSignal): Promise<void> {
  return term.aborted ? Promise.resolve() : new Promise(resolve => term.addEventListener('abort', () => resolve()));
}

test('elect() has one leader of two, and hands over at once when it stops', async () => {
  await withServer(async ({ client, lease }) => {
    const clock = fastClock();
    const first = candidate(client, 'a', clock);
    await first.leads();
    const second = candidate(client, 'b', clock);
    await clock.sleep(20_000);
    assert.equal(second.terms.length, 0);
    const before = (await lease()).spec;
    assert.equal(before?.holderIdentity, 'a');
    assert.equal(before.leaseTransitions, 0);
    assert.match(before.renewTime ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    await first.stop();
    assert.equal((await lease()).spec?.holderIdentity === 'a', false);
    await second.leads();
    const after = (await lease()).spec;
    assert.deepEqual([after?.holderIdentity, after?.leaseTransitions], ['b', 1]);
    await second.stop();
  });
});

test('elect() ends the term of a leader that is cut off before anybody else leads', async () => {
  await withServer(async ({ client }) => {
    const clock = fastClock();
    const first = candidate(client, 'a', clock);
    const term = await first.leads();
    const second = candidate(client, 'b', clock);
    await clock.sleep(4_000);
    first.cut();
    const [endedAt, takenAt] = await Promise.all([
      isAborted(term).then(() => clock.now()),
      second.leads().then(() => clock.now()),
    ]);
    assert.ok(endedAt < takenAt, `the term ended ${takenAt - endedAt} ms before`);
    await second.stop();
    await first.stop();
  });
});

test('elect() needs no agreeing clocks: one an hour ahead does not take a lease that is renewed', async () => {
  await withServer(async ({ client, lease }) => {
    const first = candidate(client, 'a', fastClock());
    await first.leads();
    const ahead = fastClock(3_600_000);
    const second = candidate(client, 'b', ahead);
    await ahead.sleep(40_000);
    assert.equal(second.terms.length, 0);
    assert.equal((await lease()).spec?.holderIdentity, 'a');
    await Promise.all([first.stop(), second.stop()]);
  });
});

test('elect() ends a term whose Lease somebody else has taken, and leads again later', async () => {
  await withServer(async ({ client, lease }) => {
    const clock = fastClock();
    const first = candidate(client, 'a', clock);
    const term = await first.leads();
    const found = await lease();
    await client.mergePatch(LEASES, LEASE, {
      metadata: { uid: found.metadata.uid },
      spec: { holderIdentity: 'thief', leaseDurationSeconds: 5 },
    });
    await isAborted(term);
    while (first.terms.length < 2) await clock.sleep(1_000);
    assert.equal((await lease()).spec?.holderIdentity, 'a');
    await first.stop();
  });
});

test('elect() leaves a leader alone whose rival has its clock set an hour ahead, and ends its own term though it is set back', async () => {
  await withServer(async ({ client }) => {
    const steady = fastClock(0, 10);
    let step = 0;
    const set: Clock = { ...steady, now: () => steady.now() + step };
    const first = candidate(client, 'a', steady, { clock: set });
    const term = await first.leads();
    const second = candidate(client, 'b', steady, { clock: set });
    await steady.sleep(3_000);
    first.cut();
    await steady.sleep(2_500);
    // By now the rival has found the last record.
    step = 3_600_000;
    await steady.sleep(2_500);
    first.cut(false);
    await steady.sleep(3_000);
    assert.deepEqual([second.terms.length, term.aborted], [0, false]);
    step = -3_600_000;
    first.cut();
    const cutAt = steady.now();
    await isAborted(term);
    assert.ok(steady.now() - cutAt < 15_000);
    await Promise.all([first.stop(), second.stop()]);
  });
});

test('elect() renews a short Lease as often as it takes', async () => {
  await withServer(async ({ client, lease }) => {
    const clock = fastClock(0, 4);
    const first = candidate(client, 'a', clock, { durationSeconds: 2 });
    await first.leads();
    const second = candidate(client, 'b', clock, { durationSeconds: 2 });
    await clock.sleep(8_000);
    assert.deepEqual([first.terms.length, second.terms.length], [1, 0]);
    assert.equal((await lease()).spec?.leaseTransitions, 0);
    await Promise.all([first.stop(), second.stop()]);
  });
});
