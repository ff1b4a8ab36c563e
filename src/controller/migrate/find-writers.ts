import {
  type Application,
  agentLeaseName,
  DAEMON_SETS,
  DEPLOYMENTS,
  LEASES,
  type Lease,
  NODES,
  type Node,
  PODS,
  type Pod,
  stateOf,
} from '#api';
import type { KubeClient } from '#kube';
import { listIfAny } from './list-if-any.ts';
import type { Peer } from './peer.ts';

/** Somebody who may still write another allocator's objects, in words. */
export type Writer = string;

/**
 * Lists who is left that allocates in another allocator's way: what starts its programs, pods that run them, and nodes
 * without an agent of ours, whose runtime may still call its plugin. Programs are known by the last part of their image's name.
 * @throws ApiError
 */
export async function findWriters(
  peer: Peer,
  { client, namespace, now }: { readonly client: KubeClient; readonly namespace: string; readonly now: number },
  signal: AbortSignal,
): Promise<readonly Writer[]> {
  const [daemonSets, deployments, pods, nodes, leases] = await Promise.all([
    listIfAny(client, DAEMON_SETS, signal),
    listIfAny(client, DEPLOYMENTS, signal),
    client.list(PODS, {}, { signal }),
    client.list(NODES, {}, { signal }),
    client.list(LEASES, { namespace }, { signal }),
  ]);
  return [
    ...daemonSets.filter(one => runsOn(one, peer)).map(one => `DaemonSet ${placeOf(one)}`),
    ...deployments.filter(one => runsOn(one, peer)).map(one => `Deployment ${placeOf(one)}`),
    ...pods.items.filter(pod => isRunning(pod, peer)).map(pod => `pod ${placeOf(pod)} on node ${pod.spec.nodeName}`),
    ...nodesWithoutAgent(nodes.items, leases.items, namespace, now).map(name => `node ${name}, which has no agent`),
  ];
}

/** Nodes that may run pods whose agent has not been heard lately. Pure. */
export function nodesWithoutAgent(
  nodes: readonly Node[],
  leases: readonly Lease[],
  namespace: string,
  now: number,
): readonly string[] {
  const heard = new Set(
    leases.filter(lease => isFresh(lease, now)).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
  );
  return nodes.map(({ metadata }) => metadata.name).filter(name => !heard.has(`${namespace}/${agentLeaseName(name)}`));
}

/** By this machine's clock, which may differ from the node's by as much as the Lease lasts. */
function isFresh({ spec }: Lease, now: number): boolean {
  const renewedAt = Date.parse(spec?.renewTime ?? '');
  return now - renewedAt < (spec?.leaseDurationSeconds ?? 0) * 2_000;
}

/** One that is scaled to nothing writes nothing. */
function runsOn({ spec, status }: Application, peer: Peer): boolean {
  const isOff = spec.replicas === 0 || status?.desiredNumberScheduled === 0;
  return !isOff && imagesOf(spec.template?.spec).some(image => peer.images.test(programOf(image)));
}

function isRunning(pod: Pod, peer: Peer): boolean {
  const isThere = stateOf(pod) !== 'finished' && pod.spec.nodeName !== undefined;
  return isThere && imagesOf(pod.spec).some(image => peer.images.test(programOf(image)));
}

/** Init containers only put programs on nodes. */
function imagesOf(spec: Partial<Pod['spec']> | undefined): readonly string[] {
  // As the API server has validated it.
  const containers = (spec?.['containers'] ?? []) as readonly { readonly image?: string }[];
  return containers.flatMap(({ image }) => image ?? []);
}

/** The last part of an image's name, without tag and digest: `spiderpool-agent`. */
export function programOf(image: string): string {
  const path = image.split('@')[0] ?? '';
  return (path.split('/').at(-1) ?? '').split(':')[0] ?? '';
}

function placeOf({ metadata }: Application | Pod): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}
