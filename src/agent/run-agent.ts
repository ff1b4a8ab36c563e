import { dirname, join } from 'node:path';
import {
  type Attacher,
  adoptIfAny,
  createAttacher,
  createHostLocalLeases,
  createNesting,
  DEFAULT_DEADLINES,
  MULTUS_DIR,
  type Nesting,
  openJournal,
  RUNTIME_CNI_DIR,
  takeBackIfAny,
} from '#attach';
import { createLog, createLoopShare, type Log, messageOf, systemClock } from '#base';
import { type Launcher, NEWEST_VERSION } from '#cni';
import { createKubeletDevices, DEVICE_INFO_DIR, KUBELET_DIR } from '#devices';
import { createHostFacts } from '#facts';
import { openOwnNamespace } from '#netns';
import type { WireRequest } from '#wire';
import { answerRequest, refusal } from './answer.ts';
import { keepClaims } from './claim-keeper.ts';
import { serveCni } from './cni-server.ts';
import { endOrphans } from './end-orphans.ts';
import { finishLater, onLinkChange } from './finish-entries.ts';
import { flagBarePods } from './flag-bare-pods.ts';
import { serveHealth } from './health.ts';
import { holdLock } from './hold-lock.ts';
import { followNetworks } from './hot-plug.ts';
import { joinCluster } from './join-cluster.ts';
import { createKindProbe } from './kind-probe.ts';
import { countBarePods, countUnfinished } from './metrics.ts';
import type { AgentOptions } from './options.ts';
import { makePrivateDir } from './private-socket.ts';
import { replaySpool } from './replay-spool.ts';
import { createRetryLoop } from './retry-loop.ts';

/** A running agent. */
export interface Agent {
  /** Stops taking requests, aborts and undoes what is under way, closes everything. */
  stop(): Promise<void>;
}

/**
 * Starts the node's agent. When this resolves, requests are served; the API server may still be away then.
 * In order: journal, with what Multus has attached, kernel facts, API caches, what a former agent left half done, DELs spooled while none ran, the socket. What of that cannot be done now is tried
 * again until it is.
 * @throws what makes serving impossible: state directory, socket, kubeconfig
 */
export async function startAgent(options: AgentOptions, log: Log): Promise<Agent> {
  // Closed in reverse order: by stop(), or when the start fails.
  await using stack = new AsyncDisposableStack();
  const ending = new AbortController();
  const { signal } = ending;
  makePrivateDir(options.stateDir, `state "${options.stateDir}"`);
  makePrivateDir(dirname(options.socket), `socket "${options.socket}"`);
  // First of all: what follows takes the socket over and finishes what the journal says is half done.
  stack.use(holdLock(join(options.stateDir, 'lock'), `state directory "${options.stateDir}"`));
  stack.use(holdLock(`${options.socket}.lock`, `socket "${options.socket}"`));
  const launcher = options.hostRoot === undefined ? undefined : await enterHostRoot(options.hostRoot, log);
  const health = await serveHealth([
    join(dirname(options.socket), 'health.sock'),
    ...(options.healthAddress === undefined ? [] : [options.healthAddress]),
  ]);
  stack.defer(() => health.close());
  const ns = stack.use(openOwnNamespace());
  stack.defer(() => ending.abort());
  const facts = await createHostFacts({ signal, log });
  const host = { ns, facts, removals: new Set<Promise<void>>(), loop: createLoopShare() };
  const journal = openJournal(join(options.stateDir, 'journal'), log);
  const runtimeDir = options.cniCacheDir ?? RUNTIME_CNI_DIR;
  const foreign = { multusDir: options.multusCniDir ?? MULTUS_DIR, runtimeDir };
  await takeBackIfAny(options.stateDir, foreign, journal, log);
  await adoptIfAny(foreign, journal, log);
  const hostLocalDir = join(runtimeDir, 'networks');
  // The attacher and the releaser ask each other: what is bound, and to give back.
  const asked: { attacher?: Attacher; judge?: (owner: string) => void; plug?: (owner: string) => void } = {};
  const isBound = (claimName: string, owner: string | undefined): boolean =>
    asked.attacher?.isBound(claimName, owner) ?? true;
  const cluster =
    options.kubeconfig === undefined ? undefined : await joinCluster(options.kubeconfig, options, isBound, signal, log);
  stack.defer(() => cluster?.api.client.close());
  const retries = createRetryLoop(systemClock, log, signal);
  onLinkChange(host.facts, retries.wake);
  cluster?.claims.subscribe(change => {
    if (change.type === 'relisted') retries.wake();
  });
  countUnfinished(health.registry, retries, cluster?.ipam.releaser);
  const nesting = createNesting();
  const attacher: Attacher = createAttacher({
    host,
    journal,
    hostLocal: createHostLocalLeases(journal, hostLocalDir),
    hostLocalDir,
    foreign,
    cluster: cluster?.ipam,
    api: cluster?.api,
    binDirs: options.cniBinDirs,
    ...(launcher === undefined ? {} : { launcher }),
    ...(options.parallelRequests === undefined ? {} : { parallelRequests: options.parallelRequests }),
    confDir: options.cniConfDir,
    ...(options.overlay === undefined ? {} : { overlay: options.overlay }),
    socket: options.socket,
    nesting,
    devices: {
      kubelet: createKubeletDevices(options.kubeletDir ?? KUBELET_DIR),
      infoDir: options.deviceInfoDir ?? DEVICE_INFO_DIR,
    },
    lacksKind: createKindProbe(),
    deadlines: DEFAULT_DEADLINES,
    onOwnerIdle: owner => {
      asked.judge?.(owner);
      asked.plug?.(owner);
    },
    onUnfinished: (entry, error) => finishLater(entry, error, attacher, retries),
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
          clock: systemClock,
          log,
          signal,
        });
  if (keeper !== undefined) asked.judge = keeper.judgeOwner;
  stack.defer(() => keeper?.stop());
  const { promise: caughtUp, resolve: setCaughtUp } = Promise.withResolvers<void>();
  const server = await serveCni({
    socket: options.socket,
    // Bound before the spool is read, so that no DEL falls between; served only after, so that no ADD overtakes one.
    answer: async (request, caller) => {
      // What we run to catch up may itself call us: it must not wait for its own end.
      if (!isNested(request, nesting)) await caughtUp;
      return answerRequest(request, caller, attacher, log);
    },
    refuse: error => refusal(error, NEWEST_VERSION),
    log,
  });
  stack.defer(async () => {
    health.setReady(false);
    server.stopAccepting();
    await attacher.stop();
    await server.close();
  });
  await endOrphans(options.socket, options.hostRoot, systemClock, log);
  await attacher.recover();
  await replaySpool({
    dir: join(options.stateDir, 'del-spool'),
    answer: request => answerRequest(request, signal, attacher, log),
    journal,
    retries,
    log,
  });
  setCaughtUp();
  // Whoever asks for Multus' socket has a controller that follows the annotations.
  if (cluster !== undefined && (options.hotPlug ?? options.multusSocketDir === undefined)) {
    const { pods, nads } = cluster.api;
    const plug = followNetworks({ pods, attacher, retries, log });
    asked.plug = plug.look;
    stack.defer(() => plug.stop());
    // What an annotation asks for may have come.
    nads.subscribe(change => {
      if (change.type === 'put' && change.previous === undefined) retries.wake();
    });
  }
  if (options.multusSocketDir !== undefined) {
    const { serveMultus } = await import('./multus/multus-server.ts');
    const multus = await serveMultus({
      socket: join(options.multusSocketDir, 'multus.sock'),
      attacher,
      isReady: () => !signal.aborted,
      binDirs: options.cniBinDirs,
      registry: health.registry,
      log,
    });
    stack.defer(() => multus.close());
    if (options.hotPlug === undefined) log.info({}, "Following no annotations: who calls Multus' socket does");
  }
  health.setReady(true);
  if (cluster !== undefined) {
    const { events, pods } = cluster.api;
    countBarePods(health.registry, flagBarePods({ pods, events, journal, clock: systemClock, log, signal }));
  }
  log.info({ socket: options.socket }, 'Serving');
  // Last: from here on the runtime sends pods to us.
  if (options.installation !== undefined) {
    const { installation, nodeName } = options;
    const { registry } = health;
    const clock = systemClock;
    const installing = new AbortController();
    const { stayInstalled } = await import('./stay-installed.ts');
    const { done } = stayInstalled({
      ...{ installation, nodeName, registry, clock, log },
      events: cluster?.api.events,
      signal: AbortSignal.any([signal, installing.signal]),
    });
    stack.defer(async () => {
      installing.abort();
      await done;
    });
  }

  const running = stack.move();
  return { stop: () => running.disposeAsync() };
}

/** Loads what it takes: most agents have the node's root for their own. */
async function enterHostRoot(root: string, log: Log): Promise<Launcher> {
  const { openHostRoot } = await import('./host-root.ts');
  return openHostRoot(root, log);
}

/** Whether a plugin that we run at this moment asks. */
function isNested({ env }: WireRequest, nesting: Nesting): boolean {
  const token = env['UNDERLANE_CALL'];
  return token !== undefined && nesting.find(token) !== undefined;
}

/** A stopped agent must be gone within a second, whatever hangs: the journal tells the next one how far things came. */
const STOP_LIMIT_MS = 800;

/**
 * `underlane agent`: runs until SIGTERM or SIGINT.
 * @returns the exit code
 */
export async function runAgent(options: AgentOptions): Promise<number> {
  const log = createLog(options.logLevel, { node: options.nodeName });
  for (const warning of options.warnings ?? []) log.warn({}, warning);
  const ended = new Promise<NodeJS.Signals>(resolve => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  let agent: Agent | undefined;
  try {
    agent = await Promise.race([startAgent(options, log), ended.then(() => undefined)]);
  } catch (error) {
    log.error({ error: messageOf(error) }, 'Cannot start the agent');
    return 1;
  }
  if (agent === undefined) {
    // Finishing what a former one left may take long; the journal still knows it.
    log.info({}, 'Stopped before it was ready');
    return 0;
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
