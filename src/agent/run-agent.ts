import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  IP_ALLOCATIONS,
  type IPAllocation,
  NETWORK_ATTACHMENT_DEFINITIONS,
  type NetworkAttachmentDefinition,
  NODE_LABEL,
  PODS,
  type Pod,
} from '#api';
import {
  type ApiAccess,
  type Attacher,
  type ClusterIpam,
  createAttacher,
  createHostLocalLeases,
  createNesting,
  DEFAULT_DEADLINES,
  openJournal,
  podState,
} from '#attach';
import { createLog, type Log, messageOf, systemClock } from '#base';
import { NEWEST_VERSION } from '#cni';
import { createHostFacts } from '#facts';
import { createClaimStore, createReleaser, labelHash } from '#ipam';
import { createEventRecorder, createKubeClient, createWatchCache, loadKubeconfig, type WatchCache } from '#kube';
import { hasLinkKind, openRouteSocket } from '#netlink';
import { openOwnNamespace } from '#netns';
import { answerRequest, refusal } from './answer.ts';
import { keepClaims } from './claim-keeper.ts';
import { serveCni } from './cni-server.ts';
import { serveHealth } from './health.ts';
import type { AgentOptions } from './options.ts';
import { replaySpool } from './replay-spool.ts';

/** A running agent. */
export interface Agent {
  /** Stops taking requests, aborts and undoes what is under way, closes everything. */
  stop(): Promise<void>;
}

/**
 * Starts the node's agent. When this resolves, requests are served; the API server may still be away then.
 * In order: journal, kernel facts, API caches, what a former agent left half done, DELs spooled while none ran, the socket.
 * @throws what makes serving impossible: state directory, socket, kubeconfig
 */
export async function startAgent(options: AgentOptions, log: Log): Promise<Agent> {
  const ending = new AbortController();
  const { signal } = ending;
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  mkdirSync(dirname(options.socket), { recursive: true, mode: 0o700 });
  const health = await serveHealth([
    join(dirname(options.socket), 'health.sock'),
    ...(options.healthAddress === undefined ? [] : [options.healthAddress]),
  ]);
  const ns = openOwnNamespace();
  const host = { ns, facts: await createHostFacts({ signal, log }), removals: new Set<Promise<void>>() };
  const journal = openJournal(join(options.stateDir, 'journal'), log);
  // The attacher and the releaser ask each other: what is bound, and to give back.
  const asked: { attacher?: Attacher; judge?: (owner: string) => void } = {};
  const isBound = (claimName: string, owner: string | undefined): boolean =>
    asked.attacher?.isBound(claimName, owner) ?? true;
  const cluster =
    options.kubeconfig === undefined ? undefined : joinCluster(options.kubeconfig, options, isBound, signal, log);
  const attacher = createAttacher({
    host,
    journal,
    hostLocal: createHostLocalLeases(journal),
    cluster: cluster?.ipam,
    api: cluster?.api,
    binDirs: options.cniBinDirs,
    confDir: options.cniConfDir,
    socket: options.socket,
    nesting: createNesting(),
    lacksKind: createKindProbe(),
    deadlines: DEFAULT_DEADLINES,
    onOwnerIdle: owner => asked.judge?.(owner),
    clock: systemClock,
    log,
  });
  asked.attacher = attacher;
  const keeper =
    cluster === undefined
      ? undefined
      : keepClaims({
          claims: cluster.claims,
          pods: cluster.api.pods,
          isBound,
          releaser: cluster.ipam.releaser,
          reassert: attacher.reassert,
          log,
        });
  if (keeper !== undefined) asked.judge = keeper.judgeOwner;
  const { promise: caughtUp, resolve: setCaughtUp } = Promise.withResolvers<void>();
  const server = await serveCni({
    socket: options.socket,
    // Bound before the spool is read, so that no DEL falls between; served only after, so that no ADD overtakes one.
    answer: async (request, caller) => {
      await caughtUp;
      return answerRequest(request, caller, attacher, log);
    },
    refuse: error => refusal(error, NEWEST_VERSION),
    log,
  });
  await attacher.recover();
  await replaySpool(join(options.stateDir, 'del-spool'), request => answerRequest(request, signal, attacher, log), log);
  setCaughtUp();
  health.setReady(true);
  log.info({ socket: options.socket }, 'Serving');

  return {
    async stop() {
      health.setReady(false);
      server.stopAccepting();
      await attacher.stop();
      await server.close();
      keeper?.stop();
      ending.abort();
      cluster?.api.client.close();
      health.close();
      ns[Symbol.dispose]();
    },
  };
}

interface Cluster {
  readonly api: ApiAccess;
  readonly ipam: ClusterIpam;
  readonly claims: WatchCache<IPAllocation>;
}

/** Caches of this node's pods and claims and of all NADs; a claim store and a releaser on top. Does not wait for the API server. */
function joinCluster(
  kubeconfig: string,
  options: AgentOptions,
  isBound: (claimName: string, owner: string | undefined) => boolean,
  signal: AbortSignal,
  log: Log,
): Cluster {
  const client = createKubeClient(loadKubeconfig(kubeconfig));
  const common = { client, signal, log };
  const pods = createWatchCache<Pod>({
    ...common,
    resource: PODS,
    query: { fieldSelector: `spec.nodeName=${options.nodeName}` },
    transform: trimPod,
  });
  const claims = createWatchCache<IPAllocation>({
    ...common,
    resource: IP_ALLOCATIONS,
    query: { labelSelector: `${NODE_LABEL}=${labelHash(options.nodeName)}` },
  });
  const nads = createWatchCache<NetworkAttachmentDefinition>({ ...common, resource: NETWORK_ATTACHMENT_DEFINITIONS });
  const store = createClaimStore({ client, cache: claims, node: options.nodeName, clock: systemClock, log });
  const releaser = createReleaser({
    dir: join(options.stateDir, 'release-queue'),
    store,
    client,
    isBound,
    podState: (namespace, name, uid) => podState({ client, pods }, { namespace, name, uid }),
    clock: systemClock,
    log,
    signal,
  });
  const events = createEventRecorder({
    client,
    component: 'underlane',
    node: options.nodeName,
    clock: systemClock,
    log,
    signal,
  });
  return { api: { client, pods, nads, events }, ipam: { store, releaser }, claims };
}

/** What the pipeline reads of a pod; the rest of it would only fill memory. */
function trimPod(pod: Pod): Pod {
  const { name, namespace, uid, resourceVersion, annotations, deletionTimestamp } = pod.metadata;
  return {
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName },
    ...(pod.status?.phase === undefined ? {} : { status: { phase: pod.status.phase } }),
  };
}

/** Kinds that the kernel does not have, each asked for once. */
function createKindProbe(): (kind: string) => boolean {
  const known = new Map<string, boolean>();
  return kind => {
    if (kind !== 'macvlan' && kind !== 'ipvlan' && kind !== 'vlan') return false;
    let has = known.get(kind);
    if (has === undefined) {
      using socket = openRouteSocket();
      has = hasLinkKind(socket, kind);
      known.set(kind, has);
    }
    return !has;
  };
}

/** A stopped agent must be gone within a second, whatever hangs: the journal tells the next one how far things came. */
const STOP_LIMIT_MS = 800;

/**
 * `underlane agent`: runs until SIGTERM or SIGINT.
 * @returns the exit code
 */
export async function runAgent(options: AgentOptions): Promise<number> {
  const log = createLog(options.logLevel, { node: options.nodeName });
  const ended = new Promise<NodeJS.Signals>(resolve => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  let agent: Agent;
  try {
    agent = await startAgent(options, log);
  } catch (error) {
    log.error({ error: messageOf(error) }, 'Cannot start the agent');
    return 1;
  }
  // Whatever the log level: supervisors and scripts wait for this line.
  process.stderr.write('ready\n');
  const reason = await ended;
  log.info({ signal: reason }, 'Stopping');
  const stopped = await Promise.race([
    agent.stop().then(() => true),
    systemClock.sleep(STOP_LIMIT_MS).then(() => false),
  ]);
  if (!stopped) {
    log.warn({}, 'Something is still under way; the journal knows it');
    process.exit(0);
  }
  return 0;
}
