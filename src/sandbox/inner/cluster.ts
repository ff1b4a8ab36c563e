import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '#base';
import { createKubeClient, createWatchCache, type KubeClient, loadKubeconfig, type WatchCache } from '#kube';
import { startControlLoops } from '../loops/control-loops.ts';
import { isNodeReady } from '../loops/scheduler.ts';
import { applyManifest, readManifests } from '../manifests.ts';
import { controlSocket } from '../node/node-paths.ts';
import { NODES, SANDBOX_PODS, type SandboxPod } from '../resources.ts';
import { runCommand } from '../run-command.ts';
import type { InnerOptions } from '../sandbox-options.ts';
import type { ShareDirs } from '../share.ts';
import type { Topology } from '../topology.ts';
import { untilCached } from '../until-cached.ts';
import { startApiServer } from './api-server.ts';
import { startControllers } from './controllers.ts';
import { buildLan } from './lan.ts';
import { startNodeProcess, startOutsider } from './node-process.ts';

export interface Cluster {
  readonly client: KubeClient;
  readonly pods: WatchCache<SandboxPod>;
  readonly kubeconfig: string;
}

export interface ClusterOptions {
  readonly inner: InnerOptions;
  readonly topology: Topology;
  readonly share: ShareDirs;
  readonly listenerFd: number;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** A part of the cluster ended that should not have. */
  readonly onFailure: (why: string) => void;
}

/** Brings the cluster up: LAN, API server with Underlane's CRDs, control loops, controllers, nodes. Resolves when all nodes are Ready and the controllers follow. */
export async function startCluster({
  inner,
  topology,
  share,
  listenerFd,
  log,
  signal,
  onFailure,
}: ClusterOptions): Promise<Cluster> {
  const { stateDir, port, clusterNetwork } = inner;
  // A /run of its own: named namespaces and sockets of this sandbox, invisible outside and gone with it.
  await runCommand('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', '/run']);
  await Promise.all([
    mkdir('/run/netns', { recursive: true }),
    mkdir('/run/sandbox', { mode: 0o700 }),
    mkdir(join(stateDir, 'pods'), { recursive: true }),
  ]);
  await buildLan(topology);
  startOutsider(topology.outsider.name, topology.nodePort, controlSocket(topology.outsider.name), onFailure);
  const kubeconfigs = await startApiServer({ topology, stateDir, listenerFd, port });

  const client = createKubeClient(await loadKubeconfig(kubeconfigs.inside), { userAgent: 'sandbox' });
  for (const crd of await readManifests(share.crds)) await applyManifest(client, crd);
  const { families } = topology;
  for (const { name: node } of topology.nodes)
    startNodeProcess({ stateDir, node, families, clusterNetwork }, onFailure);
  startControlLoops({ client, log, signal });
  const controllers = startControllers({
    kubeconfig: kubeconfigs.inside,
    clusterNetwork,
    stateDir,
    log,
    signal,
  });
  const pods = createWatchCache({ client, resource: SANDBOX_PODS, log, signal });
  const nodes = createWatchCache({ client, resource: NODES, log, signal });
  // Pods that came before a node would all go to the others.
  const nodesReady = untilCached(
    nodes,
    items => (items.filter(isNodeReady).length === topology.nodes.length ? true : undefined),
    signal,
  );
  await Promise.all([pods.ready(signal), nodesReady, controllers]);
  return { client, pods, kubeconfig: kubeconfigs.outside };
}
