import { agentLeaseName, LEASES, type Lease, NODES, type Node } from '#api';
import type { ControllerDeps } from '../deps.ts';
import type { NodeFacts } from './judge-node.ts';
import type { Sightings } from './sightings.ts';

type Deps = Pick<ControllerDeps, 'nodes' | 'leases' | 'catalog' | 'namespace'>;

/** What is known of a node by the watches. */
export function cachedFacts(node: string, { nodes, leases, namespace }: Deps, sightings: Sightings): NodeFacts {
  const lease = leases.find({ namespace, name: agentLeaseName(node) });
  return toFacts(node, nodes.find({ name: node }), lease, sightings);
}

/** The same as the API server has it now: watches lag behind. @throws ApiError */
export async function liveFacts(
  node: string,
  { catalog, namespace }: Deps,
  sightings: Sightings,
  signal: AbortSignal,
): Promise<NodeFacts> {
  const [object, lease] = await Promise.all([
    catalog.get(NODES, { name: node }, signal),
    catalog.get(LEASES, { namespace, name: agentLeaseName(node) }, signal),
  ]);
  return toFacts(node, object, lease, sightings);
}

function toFacts(name: string, node: Node | undefined, lease: Lease | undefined, sightings: Sightings): NodeFacts {
  const { leaseDurationSeconds = 0, renewTime = '' } = lease?.spec ?? {};
  return {
    node,
    leaseMs: lease === undefined ? undefined : leaseDurationSeconds * 1000,
    silentMs: sightings.ageMs(name, `${lease?.metadata.uid ?? 'none'} ${renewTime}`),
  };
}
