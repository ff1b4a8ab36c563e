/** An API server whose views are kept, for tests of single views. */
import { IP_ALLOCATIONS, type IPAllocation, type KubeObject, listCrds, type Resource } from '#api';
import { silentLog, systemClock } from '#base';
import { createKubeClient, createWatchCache, type KubeClient, type WatchCache } from '#kube';
import { keepView } from '../../src/controller/views/keep-view.ts';
import type { View } from '../../src/controller/views/view.ts';
import { createApiServer } from '../../src/sandbox/apiserver/mod.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../src/sandbox/resources.ts';

/** Definitions that a cluster has. */
export type Definitions = ReturnType<typeof listCrds> | readonly KubeObject[];

export interface ViewScene {
  readonly client: KubeClient;
  /** Follows a kind until the end. */
  follow<T extends KubeObject>(resource: Resource<T>): Promise<WatchCache<T>>;
  /** What `kubectl get` shows of a kind: columns by name, a row for each object. Without the columns of `-o wide` and times. */
  table(resource: Resource): Promise<readonly Readonly<Record<string, string>>[]>;
  /** How many writes the API server has been asked for by kept views. */
  readonly writes: number;
  /** Keeps a view from now on; ends it when called again. */
  keep<T extends KubeObject>(view: View<T>): () => Promise<void>;
  take(claim: IPAllocation): Promise<void>;
  release(claim: IPAllocation): Promise<void>;
  /** Resolves when the check does; rejects with its last error after 20 s. */
  eventually(check: () => Promise<void>): Promise<void>;
}

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number; readonly type: string }[];
  readonly rows: readonly { readonly cells: readonly (string | number | boolean | null)[] }[];
}

/** Runs with an API server that has the definitions, ours if none are given. */
export async function withViews(
  run: (scene: ViewScene) => Promise<void>,
  crds: Definitions = listCrds(),
): Promise<void> {
  const server = createApiServer();
  const url = await server.listen({ port: 0 });
  const client = createKubeClient({ server: url, isTlsVerified: true, namespace: 'default' });
  const stop = new AbortController();
  const kept: Promise<unknown>[] = [];
  let writes = 0;
  try {
    for (const crd of crds) await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd);
    const { signal } = stop;
    const claims = createWatchCache({ client, resource: IP_ALLOCATIONS, signal, log: silentLog });
    const count =
      <A extends readonly unknown[], R>(call: (...args: A) => R) =>
      (...args: A): R => {
        writes++;
        return call(...args);
      };
    const { create, mergePatch, delete: remove } = client;
    // Generic in the kind of object, which a wrapper cannot say.
    const counted = {
      ...client,
      create: count(create),
      mergePatch: count(mergePatch),
      delete: count(remove),
    } as KubeClient;
    await run({
      client,
      async follow(resource) {
        const cache = createWatchCache({ client, resource, signal, log: silentLog });
        await cache.ready();
        return cache;
      },
      async table({ group, version, plural }) {
        const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
        const answer = await fetch(`${url}/apis/${group}/${version}/${plural}`, { headers });
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
      keep(view) {
        const end = new AbortController();
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
        const until = Date.now() + 20_000;
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
    client.close();
    await server.close();
  }
}
