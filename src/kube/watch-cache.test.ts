import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api';
import { ATTACHMENT_POLICIES, listCrds, PODS } from '#api';
import type { Clock } from '#base';
import { silentLog } from '#base';
import type { ApiServer, ApiServerOptions, ObjectStore } from '../sandbox/apiserver/mod.ts';
import { createApiServer, createObjectStore } from '../sandbox/apiserver/mod.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../sandbox/resources.ts';
import type { CacheChange } from './cache-change.ts';
import type { KubeClient } from './client.ts';
import { createKubeClient } from './create-kube-client.ts';
import { ApiError } from './errors.ts';
import type { AnsweredCache, WatchCache, WatchCacheOptions } from './watch-cache.ts';
import { createWatchCache } from './watch-cache.ts';

/** A clock that stands still; sleeping takes no time but is noted. */
function createTestClock(): Clock & { at: number; readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    at: 1_000_000,
    pauses,
    now() {
      return this.at;
    },
    sleep(ms, signal) {
      pauses.push(ms);
      return new Promise((resolve, reject) => {
        setTimeout(() => (signal?.aborted ? reject(signal.reason) : resolve()), 5);
      });
    },
  };
}

interface Scene {
  readonly server: ApiServer;
  readonly client: KubeClient;
  readonly stop: AbortController;
  readonly clock: ReturnType<typeof createTestClock>;
  cache(more?: Partial<WatchCacheOptions<Pod>>): AnsweredCache<Pod>;
  /** Ends the server; afterwards no idle connection to it is left. */
  goAway(): Promise<void>;
  /** A new server at the old address. */
  comeBack(store?: ObjectStore): Promise<void>;
}

/**
 * An address that nobody else's connections start from: they take the port of a server that is away, if it is at
 * 127.0.0.1, and it could not come back.
 */
const HOST = `127.77.${(process.pid >> 8) & 255}.${1 + (process.pid % 254)}`;

async function withScene(run: (scene: Scene) => Promise<void>, options: ApiServerOptions = {}): Promise<void> {
  const server = createApiServer(options);
  const url = await server.listen({ host: HOST, port: 0 });
  const port = Number(new URL(url).port);
  const servers = [server];
  const client = createKubeClient({ server: url, isTlsVerified: true, namespace: 'default' });
  const stop = new AbortController();
  const clock = createTestClock();
  const cache: Scene['cache'] = more =>
    createWatchCache({ client, resource: PODS, signal: stop.signal, log: silentLog, clock, ...more });
  const goAway = async (): Promise<void> => {
    await server.close();
    client.close();
  };
  const comeBack = async (store = server.store): Promise<void> => {
    const next = createApiServer({ ...options, store });
    servers.push(next);
    await next.listen({ host: HOST, port });
  };
  try {
    await run({ server, client, stop, clock, cache, goAway, comeBack });
  } finally {
    stop.abort(new Error('test over'));
    client.close();
    for (const each of servers) await each.close();
  }
}

const SPEC = { containers: [{ name: 'main', image: 'none:1' }] };
const named = (name: string): { readonly namespace: string; readonly name: string } => ({ namespace: 'default', name });
const make = (client: KubeClient, name: string): Promise<Pod> =>
  client.create(PODS, { metadata: named(name), spec: SPEC });
const names = (cache: WatchCache<Pod>): string =>
  cache
    .list()
    .map(pod => pod.metadata.name)
    .sort()
    .join();

/** Puts a pod on node n1, past the API. */
function assign({ store }: ApiServer, name: string): void {
  const pod = store.find('/pods', 'default', name);
  assert.ok(pod !== undefined);
  store.put('/pods', { ...pod, spec: { ...SPEC, nodeName: 'n1' } });
}

/** Resolves at the first change that fits. */
function change(cache: WatchCache<Pod>, fits: (change: CacheChange<Pod>) => boolean): Promise<CacheChange<Pod>> {
  return new Promise((resolve, reject) => {
    const giveUp = setTimeout(() => reject(new Error(`No such change; the cache holds ${names(cache)}`)), 10_000);
    const unsubscribe = cache.subscribe(seen => {
      if (!fits(seen)) return;
      clearTimeout(giveUp);
      unsubscribe();
      resolve(seen);
    });
  });
}

const put = (name: string) => (seen: CacheChange<Pod>) => seen.type === 'put' && seen.object.metadata.name === name;

test('createWatchCache lists, then follows every change', async () => {
  await withScene(async ({ client, cache: open }) => {
    await make(client, 'a');
    const cache = open();
    assert.equal(cache.isFresh, false);
    await cache.ready();
    assert.deepEqual([names(cache), cache.isFresh], ['a', true]);
    const added = change(cache, put('b'));
    await make(client, 'b');
    await added;
    const changed = change(cache, put('b'));
    await client.mergePatch(PODS, named('b'), { metadata: { labels: { x: 'y' } } });
    const seen = await changed;
    assert.ok(seen.type === 'put');
    assert.deepEqual([seen.previous?.metadata.labels, seen.object.metadata.labels], [undefined, { x: 'y' }]);
    assert.deepEqual(cache.find(named('b'))?.metadata.labels, { x: 'y' });
    const deleted = change(cache, item => item.type === 'deleted');
    await client.delete(PODS, named('a'));
    await deleted;
    assert.equal(names(cache), 'b');
  });
});

test('createWatchCache heeds selectors and keeps only what transform leaves', async () => {
  await withScene(async ({ client, server, cache: open }) => {
    await make(client, 'mine');
    await make(client, 'other');
    assign(server, 'mine');
    const cache = open({
      query: { fieldSelector: 'spec.nodeName=n1' },
      transform: pod => ({ metadata: pod.metadata, spec: {} }),
    });
    await cache.ready();
    assert.equal(names(cache), 'mine');
    assert.deepEqual(cache.find(named('mine'))?.spec, {});
  });
});

test('an optional resource that the server does not know has no objects, until it does', async () => {
  await withScene(async ({ client, stop, clock }) => {
    const crd = listCrds().find(({ spec }) => spec.names.kind === 'AttachmentPolicy');
    assert.ok(crd !== undefined);
    const options = { client, resource: ATTACHMENT_POLICIES, signal: stop.signal, log: silentLog, clock };
    const cache = createWatchCache({ ...options, isOptional: true });
    await cache.ready();
    assert.deepEqual(cache.list(), []);
    // It is not asked for all the time: that there is none is believed until it is.
    clock.at += 30_000;
    assert.ok(cache.isFresh);
    const found = new Promise<void>(resolve => {
      cache.subscribe(seen => {
        if (seen.type === 'put') resolve();
      });
    });
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd);
    await client.create(ATTACHMENT_POLICIES, {
      metadata: { name: 'tenants' },
      spec: { namespaces: ['a'], types: [], masters: [] },
    });
    await found;
    assert.deepEqual(
      cache.list().map(({ metadata }) => metadata.name),
      ['tenants'],
    );
    assert.ok(clock.pauses.includes(60_000));
  });
});

test('a listener that throws disturbs neither the cache nor other listeners', async () => {
  await withScene(async ({ client, cache: open }) => {
    const cache = open();
    cache.subscribe(() => {
      throw new Error('listener');
    });
    await cache.ready();
    const added = change(cache, put('a'));
    await make(client, 'a');
    await added;
    assert.deepEqual([names(cache), cache.isFresh], ['a', true]);
  });
});

test('a short loss is resumed: nothing missed, nothing listed again, fresh all the time', async () => {
  await withScene(async ({ client, clock, cache: open, goAway, comeBack }) => {
    const cache = open();
    await cache.ready();
    const before = change(cache, put('a'));
    await make(client, 'a');
    await before;
    let relists = 0;
    cache.subscribe(seen => {
      if (seen.type === 'relisted') relists++;
    });
    await goAway();
    clock.at += 4_999;
    assert.equal(cache.isFresh, true);
    const added = change(cache, put('b'));
    await comeBack();
    await make(client, 'b');
    await added;
    assert.deepEqual([names(cache), relists, cache.isFresh], ['a,b', 0, true]);
  });
});

test('a long loss makes the cache stale, and it lists again before it is fresh', async () => {
  await withScene(async ({ server, client, clock, cache: open, goAway, comeBack }) => {
    await make(client, 'gone');
    const cache = open();
    await cache.ready();
    await goAway();
    while (clock.pauses.length < 3) await new Promise(resolve => setTimeout(resolve, 5));
    clock.at += 5_001;
    assert.equal(cache.isFresh, false);
    assert.equal(names(cache), 'gone');
    server.store.delete('/pods', 'default', 'gone');
    const seen: string[] = [];
    cache.subscribe(item => seen.push(item.type));
    const relisted = change(cache, item => item.type === 'relisted');
    await comeBack();
    await relisted;
    assert.deepEqual(seen, ['deleted', 'relisted']);
    assert.deepEqual([names(cache), cache.isFresh], ['', true]);
  });
});

test('pauses grow while the server is away, and never end', async () => {
  await withScene(async ({ clock, cache: open, goAway }) => {
    const cache = open();
    await cache.ready();
    await goAway();
    while (clock.pauses.length < 12) await new Promise(resolve => setTimeout(resolve, 5));
    assert.ok(
      clock.pauses.every((pause, index) => pause <= Math.min(10_000, 200 * 2 ** index)),
      clock.pauses.join(),
    );
    assert.ok((clock.pauses[11] ?? 0) > 5_000);
  });
});

test('a version too old to resume from is answered by a new list', async () => {
  await withScene(async ({ client, cache: open, goAway, comeBack }) => {
    await make(client, 'old');
    const cache = open();
    await cache.ready();
    await goAway();
    // Another store, as after a restore of etcd: our versions mean nothing there.
    const store = createObjectStore({ firstVersion: Date.now() + 1_000_000 });
    const relisted = change(cache, item => item.type === 'relisted');
    await comeBack(store);
    await relisted;
    assert.equal(names(cache), '');
    const added = change(cache, put('new'));
    await make(client, 'new');
    await added;
  });
});

test('data that was set back is listed again, although its server would take a watch from where we were', async () => {
  await withScene(async ({ client, cache: open, goAway, comeBack }) => {
    await make(client, 'lost');
    const cache = open();
    await cache.ready();
    await make(client, 'later');
    await goAway();
    // As a backup of etcd has it: from before all that, and with versions that begin there.
    const relisted = change(cache, item => item.type === 'relisted');
    await comeBack(createObjectStore({ firstVersion: 1 }));
    await relisted;
    assert.deepEqual([names(cache), cache.isFresh], ['', true]);
    const added = change(cache, put('new'));
    await make(client, 'new');
    await added;
  });
});

test('bookmarks keep a quiet cache resumable when the history has moved on', async () => {
  await withScene(
    async ({ server, client, cache: open, goAway, comeBack }) => {
      let awaited = Number.POSITIVE_INFINITY;
      const bookmarked = Promise.withResolvers<void>();
      const watched: KubeClient = {
        ...client,
        async *watch(resource, query, watchOptions) {
          for await (const event of client.watch(resource, query, watchOptions)) {
            yield event;
            // The cache asks for the next event only after it has taken this one.
            if (event.type === 'BOOKMARK' && Number(event.resourceVersion) >= awaited) bookmarked.resolve();
          }
        },
      };
      const cache = open({ client: watched, query: { fieldSelector: 'spec.nodeName=n1' } });
      await cache.ready();
      let relists = 0;
      cache.subscribe(seen => {
        if (seen.type === 'relisted') relists++;
      });
      for (let index = 0; index < 30; index++) await make(client, `p${index}`); // none of them ours, and more than the history keeps
      awaited = server.store.version;
      await bookmarked.promise;
      await goAway();
      await comeBack();
      const mine = change(cache, put('p0'));
      assign(server, 'p0');
      await mine;
      assert.equal(relists, 0);
    },
    { historyLimit: 5, bookmarkIntervalMs: 10 },
  );
});

test('an object made again under its name between two lists is deleted and put', async () => {
  await withScene(async ({ server, client, clock, cache: open, goAway, comeBack }) => {
    const first = await make(client, 'twin');
    const cache = open();
    await cache.ready();
    await goAway();
    clock.at += 10_000;
    const old = server.store.delete('/pods', 'default', 'twin');
    assert.ok(old !== undefined);
    server.store.put('/pods', { ...old, metadata: { ...old.metadata, uid: 'another' } });
    const seen: string[] = [];
    cache.subscribe(item =>
      seen.push(
        item.type === 'relisted'
          ? 'relisted'
          : `${item.type} ${item.object.metadata.uid === first.metadata.uid ? 'first' : 'second'}`,
      ),
    );
    const relisted = change(cache, item => item.type === 'relisted');
    await comeBack();
    await relisted;
    assert.deepEqual(seen, ['deleted first', 'put second', 'relisted']);
  });
});

test('ready() ends with its signal, or with the cache', async () => {
  const client = createKubeClient({ server: 'http://127.0.0.1:1', isTlsVerified: true, namespace: 'default' });
  const stop = new AbortController();
  const cache = createWatchCache({ client, resource: PODS, signal: stop.signal, log: silentLog });
  const reason = new Error('enough');
  await assert.rejects(cache.ready(AbortSignal.abort(reason)), reason);
  const waiting = cache.ready();
  stop.abort(reason);
  await assert.rejects(waiting, reason);
  assert.equal(cache.isFresh, false);
  client.close();
});

test('a cache tells who waits for an answer that it is refused, goes on trying, and is ready when it may', async () => {
  await withScene(async ({ client, clock, stop }) => {
    await make(client, 'a');
    let isAllowed = false;
    let attempts = 0;
    const list: KubeClient['list'] = (...args) => {
      attempts++;
      return isAllowed
        ? client.list(...args)
        : Promise.reject(new ApiError('Forbidden', 'Cannot list pods: no', { httpStatus: 403 }));
    };
    const options = { resource: PODS, signal: stop.signal, log: silentLog, clock };
    const cache = createWatchCache({ ...options, client: { ...client, list } });
    // Told while they wait, and afterwards at once.
    await Promise.all(
      [cache.answered(), cache.answered()].map(answer => assert.rejects(answer, { code: 'Forbidden' })),
    );
    await assert.rejects(cache.answered(), { code: 'Forbidden' });
    assert.equal(attempts, 1);
    isAllowed = true;
    await cache.ready();
    await cache.answered();
    assert.equal(names(cache), 'a');
  });
});

test('a cache whose API server says nothing has who waits for an answer wait', async () => {
  await withScene(async ({ cache, goAway, comeBack, client }) => {
    await make(client, 'a');
    await goAway();
    const pods = cache();
    const answer = pods.answered();
    await assert.rejects(pods.answered(AbortSignal.timeout(50)), { name: 'TimeoutError' });
    await comeBack();
    await answer;
    assert.equal(names(pods), 'a');
  });
});
