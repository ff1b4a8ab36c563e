/** What the controller's loops work with, on an API server of the sandbox, for the tests of the controller. */
import { agentLeaseName, LEASES } from '#api';
import { type Clock, silentLog, systemClock } from '#base';
import { createChecks, Registry } from '#health';
import type { KubeClient } from '#kube';
import type { ControllerDeps } from '../../src/controller/deps.ts';
import { openDeps } from '../../src/controller/open-deps.ts';
import type { ControllerOptions } from '../../src/controller/options.ts';
import { startCluster } from '../claims/cluster.ts';

export interface ControllerScene {
  /** As somebody else's: its calls are not the loops'. */
  readonly client: KubeClient;
  /** What a replica of its own works with; `wrap` sees every call of its loops. */
  join(options?: JoinOptions): Promise<ControllerDeps>;
  readonly signal: AbortSignal;
}

export interface JoinOptions {
  readonly options?: Partial<ControllerOptions>;
  readonly clock?: Clock;
  readonly wrap?: (client: KubeClient) => KubeClient;
}

/** Runs against a cluster with our definitions; everything ends with it. */
export async function withControllerScene(run: (scene: ControllerScene) => Promise<void>): Promise<void> {
  await using cluster = await startCluster();
  const ending = new AbortController();
  const { signal } = ending;
  try {
    await run({ client: cluster.client, join: options => joinAsReplica(cluster.connect(), signal, options), signal });
  } finally {
    ending.abort();
  }
}

/** What a replica of its own works with, in a cluster that `plain` reaches. */
export async function joinAsReplica(
  plain: KubeClient,
  signal: AbortSignal,
  { options = {}, clock = systemClock, wrap = same => same }: JoinOptions = {},
): Promise<ControllerDeps> {
  const deps = openDeps({
    client: wrap(plain),
    options: { logLevel: 'silent', ...options },
    registry: new Registry(),
    checks: createChecks(),
    clock,
    steady: clock,
    log: silentLog,
    signal,
  });
  const { claims, pods, nodes, leases, nads } = deps;
  await Promise.all([claims, pods, nodes, leases, nads].map(cache => cache.ready()));
  return deps;
}

/** Resolves when `look` finds something; whatever changes, it is looked at again soon. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  throw new Error(`Never happened: ${what}`);
}

/** A node on which an agent of ours has just been heard. */
export async function createAgentLease(client: KubeClient, node: string, namespace = 'kube-system'): Promise<void> {
  const renewTime = new Date().toISOString().replace('Z', '000Z');
  await client.create(LEASES, {
    metadata: { namespace, name: agentLeaseName(node) },
    spec: { holderIdentity: node, leaseDurationSeconds: 3_600, renewTime },
  });
}
