/** An API server whose views are kept, for tests of single views. */
import { IP_ALLOCATIONS, type IPAllocation, type KubeObject, type Resource } from '#api';
import { silentLog, systemClock } from '#base';
import { createWatchCache, type KubeClient, type WatchCache } from '#kube';
import { keepView } from '../../src/controller/views/keep-view.ts';
import type { View } from '../../src/controller/views/view.ts';
import { type Definitions, startCluster } from '../claims/cluster.ts';
import { type Hook, withHook } from '../claims/hooked-client.ts';

export interface ViewScene {
  readonly client: KubeClient;
  /** Follows a kind until the end. */
  follow<T extends KubeObject>(resource: Resource<T>): Promise<WatchCache<T>>;
  /** What `kubectl get` shows of a kind: columns by name, a row for each object. Without the columns of `-o wide` and times. */
  table(resource: Resource): Promise<readonly Readonly<Record<string, string>>[]>;
  /** How many writes the API server has been asked for by kept views. */
  readonly writes: number;
  /** Keeps a view from now on, until the function that it returns is called. `hook` sees every call. */
  keep<T extends KubeObject>(view: View<T>, hook?: Hook): () => Promise<void>;
  take(claim: IPAllocation): Promise<void>;
  release(claim: IPAllocation): Promise<void>;
  /** Resolves when the check does; rejects with its last error after 60 s. */
  eventually(check: () => Promise<void>): Promise<void>;
}

const WRITES: readonly string[] = ['create', 'update', 'mergePatch', 'delete'];

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number; readonly type: string }[];
  readonly rows: readonly { readonly cells: readonly (string | number | boolean | null)[] }[];
}

/** Runs with an API server that has the definitions, ours if none are given. */
export async function withViews(run: (scene: ViewScene) => Promise<void>, crds?: Definitions): Promise<void> {
  await using cluster = await startCluster(crds);
  const { client, server } = cluster;
  const stop = new AbortController();
  const kept: Promise<unknown>[] = [];
  let writes = 0;
  try {
    const { signal } = stop;
    const claims = createWatchCache({ client, resource: IP_ALLOCATIONS, signal, log: silentLog });
    await run({
      client,
      async follow(resource) {
        const cache = createWatchCache({ client, resource, signal, log: silentLog });
        await cache.ready();
        return cache;
      },
      async table({ group, version, plural }) {
        const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
        const answer = await fetch(`${server}/apis/${group}/${version}/${plural}`, { headers });
        // A Table of meta.k8s.io/v1.
        const { columnDefinitions, rows } = (await answer.json()) as Table;
        const shown = columnDefinitions.flatMap(({ name, priority, type }, index) =>
          priority === 0 && type !== 'date' ? [{ name, index }] : [],
        );
        return rows.map(({ cells }) =>
          Object.fromEntries(shown.map(({ name, index }) => [name.toUpperCase(), String(cells[index] ?? '')])),
        );
      },
      get writes() {
        return writes;
      },
      keep(view, hook = () => 'pass') {
        const end = new AbortController();
        const counted = withHook(client, call => {
          if (WRITES.includes(call.verb)) writes++;
          return hook(call);
        });
        const done = keepView(view, { client: counted, claims, log: silentLog }, AbortSignal.any([signal, end.signal]));
        const ended = done.catch(() => undefined); // ends only so
        kept.push(ended);
        return async () => {
          end.abort();
          await ended;
        };
      },
      async take(claim) {
        await client.create(IP_ALLOCATIONS, claim);
      },
      release: ({ metadata: { name } }) => client.delete(IP_ALLOCATIONS, { name }),
      async eventually(check) {
        const until = Date.now() + 60_000;
        for (;;) {
          try {
            return await check();
          } catch (error) {
            if (Date.now() > until) throw error;
            await systemClock.sleep(20);
          }
        }
      },
    });
  } finally {
    stop.abort();
    await Promise.all(kept);
  }
}
