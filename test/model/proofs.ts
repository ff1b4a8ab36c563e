import { agentLeaseName, type IPAllocation, type Node } from '#api';
import { OUT_OF_SERVICE } from '../../src/controller/collect/judge-node.ts';
import type { Api } from './api.ts';
import type { Network } from './network.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Beyond this an agent that has said nothing counts as dead. */
const FENCE_MS = 300_000;

export interface ProofsOptions {
  readonly api: Api;
  readonly network: Network;
  readonly time: VirtualTime;
  readonly nodes: readonly { readonly name: string }[];
  /** Gets the uids of claims that a controller gives back with proof that their node is dead. */
  readonly tampered: Set<string>;
  readonly trace: Trace;
}

/**
 * What a controller may give back in a node's place: only with proof of its death. Without, its holders keep their right to it,
 * and are found without.
 * @returns what ends it
 */
export function followProofs({ api, network, time, nodes, tampered, trace }: ProofsOptions): () => void {
  const heardAt = new Map(nodes.map(({ name }) => [agentLeaseName(name), time.now]));
  const stopHearing = api.store.subscribe('coordination.k8s.io/leases', ({ object }) => {
    heardAt.set(object.metadata.name, time.now);
  });
  const stopJudging = api.store.subscribe('underlane.io/ipallocations', ({ type, object }) => {
    const by = network.acting?.name ?? '';
    if (type !== 'DELETED' || !by.startsWith('c')) return;
    const { spec, metadata } = object as unknown as IPAllocation; // its schema says so
    const node = api.store.find('/nodes', undefined, spec.node) as unknown as Node | undefined;
    const isOut = node?.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true;
    const silentMs = time.now - (heardAt.get(agentLeaseName(spec.node)) ?? 0);
    const isProven = node === undefined || isOut || silentMs >= FENCE_MS;
    trace(() => `${by} gave back ${metadata.name} of ${spec.node}, which is ${isProven ? 'dead' : 'NOT dead'}`);
    if (isProven) tampered.add(metadata.uid ?? '');
  });
  return () => {
    stopHearing();
    stopJudging();
  };
}
