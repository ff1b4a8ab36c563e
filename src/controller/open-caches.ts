import { IP_ALLOCATIONS, LEASES, NETWORK_ATTACHMENT_DEFINITIONS, NODES, type Node, PODS, trimPod } from '#api';
import type { Log } from '#base';
import { createWatchCache, type KubeClient } from '#kube';
import type { ClusterCaches } from './deps.ts';

/** Starts to follow the cluster until the signal. A replica that does not lead follows too: it takes over at once. */
export function openCaches(client: KubeClient, namespace: string, signal: AbortSignal, log: Log): ClusterCaches {
  const common = { client, signal, log };
  return {
    claims: createWatchCache({ ...common, resource: IP_ALLOCATIONS }),
    pods: createWatchCache({ ...common, resource: PODS, transform: trimPod }),
    nodes: createWatchCache({ ...common, resource: NODES, transform: trimNode }),
    leases: createWatchCache({ ...common, resource: LEASES, query: { namespace } }),
    nads: createWatchCache({ ...common, resource: NETWORK_ATTACHMENT_DEFINITIONS, isOptional: true }),
  };
}

/** Nodes list every image that they have. */
function trimNode({ metadata, spec, status }: Node): Node {
  const conditions = status?.conditions?.filter(({ type }) => type === 'Ready') ?? [];
  return {
    metadata,
    ...(spec?.taints === undefined ? {} : { spec: { taints: spec.taints } }),
    status: {
      // Without the heartbeat, which says nothing that the status does not.
      conditions: conditions.map(({ type, status: is, lastTransitionTime }) => ({
        type,
        status: is,
        ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }),
      })),
    },
  };
}
