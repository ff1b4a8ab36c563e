import { join } from 'node:path';
import {
  ATTACHMENT_POLICIES,
  IP_ALLOCATIONS,
  type IPAllocation,
  NETWORK_ATTACHMENT_DEFINITIONS,
  type NetworkAttachmentDefinition,
  NODE_LABEL,
  PODS,
  type Pod,
  trimPod,
} from '#api';
import { type ApiAccess, type Attacher, type ClusterIpam, podState } from '#attach';
import { type Log, systemClock } from '#base';
import { createClaimStore, createPoolCatalog, createReleaser, labelHash } from '#ipam';
import { createEventRecorder, createKubeClient, createWatchCache, loadKubeconfig, type WatchCache } from '#kube';
import type { AgentOptions } from './options.ts';

/** What the agent has of the cluster. */
export interface Cluster {
  readonly api: ApiAccess;
  readonly ipam: ClusterIpam;
  readonly claims: WatchCache<IPAllocation>;
}

/** What of the journal decides over claims; see Attacher. */
export type ClaimUse = Pick<Attacher, 'isBound' | 'isSpare'>;

/**
 * Caches of this node's pods and claims and of all NADs; a claim store and a releaser on top. Does not wait for the API server.
 * Without a kubeconfig it is reached as pods reach it.
 */
export async function joinCluster(
  options: AgentOptions,
  { isBound, isSpare }: ClaimUse,
  signal: AbortSignal,
  log: Log,
): Promise<Cluster> {
  const client = createKubeClient(await loadKubeconfig(options.kubeconfig));
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
  const policies = createWatchCache({ ...common, resource: ATTACHMENT_POLICIES, isOptional: true });
  const { quarantineSeconds } = options;
  const quarantine = quarantineSeconds === undefined ? {} : { quarantineMs: quarantineSeconds * 1000 };
  const store = createClaimStore({ client, cache: claims, sees: 'node', ...quarantine, clock: systemClock, log });
  const releaser = createReleaser({
    dir: join(options.stateDir, 'release-queue'),
    store,
    client,
    node: options.nodeName,
    isBound,
    isSpare,
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
  return {
    api: { client, pods, nads, policies, events },
    ipam: { store, releaser, catalog: createPoolCatalog(common) },
    claims,
  };
}
