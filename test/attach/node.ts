/** A node's pipeline in this process, on the real kernel and an API server, whose every step can be seen and disturbed. */
import { join } from 'node:path';
import {
  ATTACHMENT_POLICIES,
  IP_ALLOCATIONS,
  type IPAllocation,
  type KubeObject,
  NETWORK_ATTACHMENT_DEFINITIONS,
  NODE_LABEL,
  PODS,
  type Pod,
} from '#api';
import { type AttachDeps, type Attacher, type Deadlines, type Journal, openJournal } from '#attach';
import { silentLog, systemClock } from '#base';
import { parseRequest } from '#cni';
import { createClaimStore, createPoolCatalog, createReleaser, type Detection, labelHash, type Releaser } from '#ipam';
import { createKubeClient, createWatchCache, type EventRecorder, type KubeClient, type WatchCache } from '#kube';
import { keepClaims } from '../../src/agent/claim-keeper.ts';
import { podState } from '../../src/attach/pod.ts';
import { startTestAttacher } from '../../src/attach/testing.ts';

/** Called at each step, before or after it is done; what it throws is what the step fails with. */
export type OnStep = (step: string) => void;

export interface AttachNode extends AsyncDisposable {
  readonly attacher: Attacher;
  readonly journal: Journal;
  readonly releaser: Releaser;
  call(command: 'ADD' | 'DEL' | 'CHECK' | 'GC' | 'STATUS', request: Call): Promise<string>;
  /** Resolves when the node has seen a pod of namespace `default` as it should be. */
  podIs(name: string, isSo: (pod: Pod) => boolean): Promise<void>;
  /** Resolves when the node has seen this many claims of its own. */
  claimsAre(count: number): Promise<void>;
  /** Resolves when the node has seen this many AttachmentPolicies. */
  policiesAre(count: number): Promise<void>;
}

export interface Call {
  readonly containerId: string;
  readonly netns?: string;
  readonly pod?: { readonly name: string; readonly uid?: string };
  /** Pairs of CNI_ARGS besides the pod's. */
  readonly args?: string;
  readonly plugin?: string;
  /** @default 'eth0' */
  readonly ifname?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
  readonly token?: string;
}

export interface NodeOptions {
  readonly server: string;
  /** Holds `state`, `bin` and `conf`, which must exist. */
  readonly dir: string;
  readonly onStep?: OnStep;
  readonly events?: EventRecorder;
  readonly deadlines?: Deadlines;
  readonly parallelRequests?: number;
  readonly detect?: Detection;
  readonly onNeighbour?: AttachDeps['onNeighbour'];
}

const NODE = 'n1';

export async function startNode({
  server,
  dir,
  onStep = () => {},
  events,
  deadlines,
  parallelRequests,
  detect,
  onNeighbour,
}: NodeOptions): Promise<AttachNode> {
  const ending = new AbortController();
  const { signal } = ending;
  const api = createKubeClient({ server, isTlsVerified: true, namespace: 'default' });
  const client = steppedClient(api, onStep);
  const common = { client: api, signal, log: silentLog };
  const pods = createWatchCache({ ...common, resource: PODS, query: { fieldSelector: `spec.nodeName=${NODE}` } });
  const nads = createWatchCache({ ...common, resource: NETWORK_ATTACHMENT_DEFINITIONS });
  const policies = createWatchCache({ ...common, resource: ATTACHMENT_POLICIES, isOptional: true });
  const claims = createWatchCache({
    ...common,
    resource: IP_ALLOCATIONS,
    query: { labelSelector: `${NODE_LABEL}=${labelHash(NODE)}` },
  });
  const journal = steppedJournal(openJournal(join(dir, 'state', 'journal'), silentLog), onStep);
  const store = createClaimStore({ client, cache: claims, sees: 'node', clock: systemClock, log: silentLog });
  const asked: { attacher?: Attacher; judge?: (owner: string) => void } = {};
  const isBound = (name: string, owner: string | undefined): boolean => asked.attacher?.isBound(name, owner) ?? true;
  const isSpare = (claim: IPAllocation): boolean => asked.attacher?.isSpare(claim) ?? false;
  const releaser = createReleaser({
    dir: join(dir, 'state', 'release-queue'),
    store,
    client: api,
    node: NODE,
    isBound,
    isSpare,
    podState: (namespace, name, uid) => podState({ client: api, pods }, { namespace, name, uid }),
    clock: systemClock,
    log: silentLog,
    signal,
  });
  const pipeline = await startTestAttacher(dir, {
    journal,
    nodeName: NODE,
    cluster: {
      store,
      catalog: createPoolCatalog(common),
      releaser: {
        ...releaser,
        async enqueue(refs) {
          onStep('before enqueue');
          await releaser.enqueue(refs);
          onStep('after enqueue');
        },
      },
    },
    api: {
      client,
      pods,
      nads,
      policies,
      events: events ?? { record: () => undefined, flush: async () => undefined, dropped: 0 },
    },
    ...(parallelRequests === undefined ? {} : { parallelRequests }),
    ...(deadlines === undefined ? {} : { deadlines }),
    ...(detect === undefined ? {} : { detect }),
    ...(onNeighbour === undefined ? {} : { onNeighbour }),
    onOwnerIdle: owner => asked.judge?.(owner),
  });
  const { attacher } = pipeline;
  asked.attacher = attacher;
  const keeper = keepClaims({
    claims,
    pods,
    isBound,
    isSpare,
    busyOwners: attacher.busyOwners,
    shares: attacher.shares,
    releaser,
    reassert: attacher.reassert,
    clock: systemClock,
    log: silentLog,
    signal,
  });
  asked.judge = keeper.judgeOwner;
  await Promise.all([pods.ready(), nads.ready(), policies.ready(), claims.ready()]);
  return {
    attacher,
    journal,
    releaser,
    call: (
      command,
      { plugin = 'underlane', ifname = 'eth0', containerId, netns, pod, args, config, signal: hangUp, token },
    ) =>
      attacher.handle(
        parseRequest({
          plugin,
          stdin: JSON.stringify({ cniVersion: '1.0.0', name: 'cluster', type: plugin, ...config }),
          env: {
            CNI_COMMAND: command,
            CNI_PATH: dir,
            ...(command === 'STATUS' || command === 'GC' ? {} : { CNI_CONTAINERID: containerId, CNI_IFNAME: ifname }),
            ...(netns === undefined ? {} : { CNI_NETNS: netns }),
            ...(pod === undefined ? {} : { CNI_ARGS: [podArgs(pod), ...(args === undefined ? [] : [args])].join(';') }),
          },
        }),
        { signal: hangUp ?? new AbortController().signal, ...(token === undefined ? {} : { token }) },
      ),
    podIs: (name, isSo) =>
      until(pods, () => {
        const pod = pods.find({ namespace: 'default', name });
        return pod !== undefined && isSo(pod);
      }),
    claimsAre: count => until(claims, () => claims.list().length === count),
    policiesAre: count => until(policies, () => policies.list().length === count),
    async [Symbol.asyncDispose]() {
      keeper.stop();
      await pipeline[Symbol.asyncDispose]();
      ending.abort();
      api.close();
    },
  };
}

function until(cache: Pick<WatchCache<KubeObject>, 'subscribe'>, isSo: () => boolean): Promise<void> {
  return new Promise(resolve => {
    const look = (): void => {
      if (!isSo()) return;
      stop();
      resolve();
    };
    const stop = cache.subscribe(look);
    look();
  });
}

function podArgs({ name, uid }: { readonly name: string; readonly uid?: string }): string {
  return `K8S_POD_NAMESPACE=default;K8S_POD_NAME=${name}${uid === undefined ? '' : `;K8S_POD_UID=${uid}`}`;
}

function steppedClient(client: KubeClient, onStep: OnStep): KubeClient {
  async function through<T>(verb: string, call: () => Promise<T>): Promise<T> {
    onStep(`before ${verb}`);
    const result = await call();
    onStep(`after ${verb}`);
    return result;
  }
  return {
    ...client,
    get: (resource, name, options) => through('get', () => client.get(resource, name, options)),
    list: (resource, query, options) => through('list', () => client.list(resource, query, options)),
    create: (resource, object, options) => through('create', () => client.create(resource, object, options)),
    mergePatch: (resource, name, body, options) =>
      through('patch', () => client.mergePatch(resource, name, body, options)),
    delete: (resource, name, options) => through('delete', () => client.delete(resource, name, options)),
  };
}

function steppedJournal(journal: Journal, onStep: OnStep): Journal {
  return {
    find: journal.find,
    list: journal.list,
    holdings: journal.holdings,
    put(entry) {
      onStep(`before put ${entry.state}`);
      journal.put(entry);
      onStep(`after put ${entry.state}`);
    },
    remove(key) {
      onStep('before remove');
      journal.remove(key);
      onStep('after remove');
    },
  };
}
