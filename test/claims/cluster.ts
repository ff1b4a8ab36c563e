/** An API server with our CRDs, and nodes that take claims from it, for the tests of this folder. */
import { IP_ALLOCATIONS, type IPAllocation, type KubeObject, listCrds, NODE_LABEL } from '#api';
import { type Clock, silentLog, systemClock } from '#base';
import {
  type Claim,
  type ClaimRequest,
  type ClaimStore,
  createClaimStore,
  labelHash,
  type Pool,
  parseIpam,
} from '#ipam';
import { createKubeClient, createWatchCache, type KubeClient, type WatchCache } from '#kube';
import { createApiServer } from '../../src/sandbox/apiserver/mod.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../src/sandbox/resources.ts';
import { type Hook, withHook } from './hooked-client.ts';

export interface TestNode {
  readonly name: string;
  readonly client: KubeClient;
  readonly cache: WatchCache<IPAllocation>;
  readonly store: NodeStore;
}

/** A store that takes from one pool for one node. */
export interface NodeStore extends Omit<ClaimStore, 'take'> {
  take(request: Omit<ClaimRequest, 'pools' | 'node'> & { readonly pool: Pool }, signal?: AbortSignal): Promise<Claim>;
}

interface JoinOptions {
  readonly hook?: Hook;
  readonly clock?: Clock;
  readonly quarantineMs?: number;
  /** The cache holds nothing and says that it is not to be believed, as long after the watch was lost. */
  readonly isStale?: boolean;
}

export interface TestCluster {
  readonly client: KubeClient;
  /** Its URL. */
  readonly server: string;
  /** A client of somebody else, which ends with the cluster. */
  connect(): KubeClient;
  /** A node's own client, cache and store, as an agent has them. `hook` sees every call of its store. */
  join(name: string, options?: JoinOptions): Promise<TestNode>;
  claims(): Promise<readonly IPAllocation[]>;
  /** The API server is away; what it held stays. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Definitions that a cluster has. */
export type Definitions = ReturnType<typeof listCrds> | readonly KubeObject[];

/** @param crds ours, if none are given */
export async function startCluster(crds: Definitions = listCrds()): Promise<TestCluster> {
  const ending = new AbortController();
  let server = createApiServer();
  const { store } = server;
  const url = await server.listen({ port: 0 });
  const clients: KubeClient[] = [];
  const connect = (): KubeClient => {
    const client = createKubeClient({ server: url, isTlsVerified: true, namespace: 'default' });
    clients.push(client);
    return client;
  };
  const client = connect();
  for (const crd of crds) await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd);
  return {
    client,
    server: url,
    connect,
    async join(name, { hook, clock = systemClock, quarantineMs, isStale = false } = {}) {
      const plain = connect();
      const hooked = hook === undefined ? plain : withHook(plain, hook);
      const live = createWatchCache<IPAllocation>({
        client: plain,
        resource: IP_ALLOCATIONS,
        query: { labelSelector: `${NODE_LABEL}=${labelHash(name)}` },
        signal: ending.signal,
        log: silentLog,
      });
      await live.ready();
      const cache = isStale ? { ...live, isFresh: false, find: () => undefined, list: () => [] } : live;
      const store = createClaimStore({
        client: hooked,
        cache,
        sees: 'node',
        ...(quarantineMs === undefined ? {} : { quarantineMs }),
        clock,
        log: silentLog,
      });
      return {
        name,
        client: hooked,
        cache,
        store: {
          ...store,
          take: ({ pool, ...request }, signal) => store.take({ ...request, pools: [pool], node: name }, signal),
        },
      };
    },
    claims: async () => (await client.list(IP_ALLOCATIONS)).items,
    goAway: () => server.close(),
    async comeBack() {
      server = createApiServer({ store });
      await server.listen({ port: Number(new URL(url).port) });
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      for (const open of clients) open.close();
      await server.close();
    },
  };
}

/** The pool of one Whereabouts range. */
export function poolOf(range: string, extra: Readonly<Record<string, unknown>> = {}): Pool {
  const config = parseIpam({ type: 'whereabouts', range, ...extra }, { networkName: 'lan', source: 'the test' });
  const [pool] = config.dialect === 'whereabouts' ? config.pools : [];
  if (pool === undefined) throw new TypeError('no pool');
  return pool;
}

/** The attachment net1 of a pod; its uid goes with its name unless given. */
export function ownerOf(podName: string, podUid = `uid-of-${podName}`) {
  return { podNamespace: 'default', podName, podUid, network: 'default/lan', interface: 'net1', slot: 0 };
}

export function addressOf(claim: Pick<Claim, 'address'>): string {
  return claim.address.split('/')[0] ?? '';
}

/** Time that passes only by sleeping: waiting costs nothing, and what was waited is known. */
export function createSkippingClock(): Clock & { readonly sleptMs: number } {
  let sleptMs = 0;
  return {
    get sleptMs() {
      return sleptMs;
    },
    now: () => Date.now() + sleptMs,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleptMs += ms;
      // Lets others run in between, as a real pause does.
      await new Promise(resolve => setImmediate(resolve));
    },
  };
}

/** Takes for pods of these names at once. */
export function takeAll(store: NodeStore, pool: Pool, names: readonly string[]): Promise<readonly Claim[]> {
  return Promise.all(names.map(name => store.take({ pool, owner: ownerOf(name) })));
}
