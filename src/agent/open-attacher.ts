import { join } from 'node:path';
import {
  type Attacher,
  createAnnouncer,
  createAttacher,
  createHostLocalLeases,
  DEFAULT_DEADLINES,
  type Nesting,
} from '#attach';
import { type Log, systemClock } from '#base';
import { createKubeletDevices, DEVICE_INFO_DIR, KUBELET_DIR } from '#devices';
import { checkCaches } from './check-caches.ts';
import { type ClaimKeeper, keepClaims } from './claim-keeper.ts';
import { finishLater, onLinkChange } from './finish-entries.ts';
import { type ClaimUse, type Cluster, joinCluster } from './join-cluster.ts';
import { createKindProbe } from './kind-probe.ts';
import { countNeighbours, countQuarantined, countUnfinished } from './metrics.ts';
import type { AgentNode } from './open-node.ts';
import type { AgentOptions } from './options.ts';
import { createRetryLoop, type RetryLoop } from './retry-loop.ts';

/** What carries out requests, and what it stands on. */
export interface AttacherParts {
  readonly attacher: Attacher;
  /** Undefined without API server. */
  readonly cluster: Cluster | undefined;
  readonly retries: RetryLoop;
  /** Called with an owner (pod uid or container) when its last ADD has ended, in the order in which they asked. */
  onOwnerIdle(look: (owner: string) => void): void;
}

/**
 * The attacher, with the cluster's caches below it, and what keeps this node's claims beside it. None of them waits for the
 * API server. The stack closes client and keeper.
 * @throws what makes the kubeconfig unusable
 */
export async function openAttacher(
  options: AgentOptions,
  { launcher, health, host, journal, foreign, signal }: AgentNode,
  nesting: Nesting,
  stack: AsyncDisposableStack,
  log: Log,
): Promise<AttacherParts> {
  // The attacher gives claims back through the releaser, which asks it first: nothing is given back before there is one.
  let binder: Attacher | undefined;
  const use: ClaimUse = {
    isBound: (claimName, owner) => binder?.isBound(claimName, owner) ?? true,
    isSpare: claim => binder?.isSpare(claim) ?? false,
  };
  const cluster =
    options.kubeconfig === undefined && options.inCluster !== true
      ? undefined
      : await joinCluster(options, use, signal, log);
  stack.defer(() => cluster?.api.client.close());
  const retries = createRetryLoop(systemClock, log, signal);
  onLinkChange(host.facts, retries.wake);
  cluster?.claims.subscribe(change => {
    if (change.type === 'relisted') retries.wake();
  });
  if (cluster !== undefined) {
    checkCaches(health.checks, cluster);
    countQuarantined(health.registry, cluster.claims, systemClock);
  }
  countUnfinished(health.registry, retries, cluster?.ipam.releaser);
  const looks: ((owner: string) => void)[] = [];
  const hostLocalDir = join(foreign.runtimeDir, 'networks');
  let keeper: ClaimKeeper | undefined;
  const attacher: Attacher = createAttacher({
    nodeName: options.nodeName,
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
    ...(options.detect === undefined ? {} : { detect: options.detect }),
    ...(options.overlay === undefined ? {} : { overlay: options.overlay }),
    socket: options.socket,
    nesting,
    announcer: createAnnouncer({ clock: systemClock, log, signal }),
    devices: {
      kubelet: createKubeletDevices(options.kubeletDir ?? KUBELET_DIR),
      infoDir: options.deviceInfoDir ?? DEVICE_INFO_DIR,
    },
    lacksKind: createKindProbe(),
    deadlines: DEFAULT_DEADLINES,
    onOwnerIdle: owner => {
      for (const look of looks) look(owner);
    },
    onNeighbour: countNeighbours(health.registry),
    onEntryGone: owner => keeper?.judgeOwner(owner),
    onUnfinished: (entry, error) => finishLater(entry, error, attacher, retries),
    clock: systemClock,
    log,
  });
  binder = attacher;
  if (cluster !== undefined) {
    keeper = keepClaims({
      claims: cluster.claims,
      pods: cluster.api.pods,
      ...use,
      busyOwners: attacher.busyOwners,
      shares: attacher.shares,
      releaser: cluster.ipam.releaser,
      reassert: attacher.reassert,
      clock: systemClock,
      log,
      signal,
    });
    looks.push(keeper.judgeOwner);
    stack.defer(() => keeper?.stop());
  }
  return { attacher, cluster, retries, onOwnerIdle: look => void looks.push(look) };
}
