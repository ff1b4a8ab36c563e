import { agentLeaseName, type IPAllocation, type Node } from '#api';
import { OUT_OF_SERVICE } from '../../../src/controller/collect/judge-node.ts';
import type { Api } from '../cluster/api.ts';
import type { Trace } from '../run/trace.ts';
import type { VirtualTime } from '../run/virtual-time.ts';
import type { Network } from '../traffic/network.ts';

/** Beyond this an agent that has said nothing counts as dead. */
const FENCE_MS = 300_000;
/** So old may a verdict be by which a call is sent. */
const VERDICT_MS = 5_000;

export interface ProofsOptions {
  readonly api: Api;
  readonly network: Network;
  readonly time: VirtualTime;
  readonly nodes: readonly { readonly name: string }[];
  /** Gets what a controller takes from a node's holders with proof that the node is dead; see `World.lost`. */
  readonly lost: Set<string>;
  readonly trace: Trace;
}

/**
 * What a controller may give back, or hand over, in a node's place: only with proof of its death. Without, its holders keep
 * their right to it, and are found without. A call that was sent with proof is carried out all the same when the node is back
 * by then: nobody can call it back, and the node asks for its claims when it starts.
 * @returns what ends it
 */
export function followProofs({ api, network, time, nodes, lost, trace }: ProofsOptions): () => void {
  const heardAt = new Map(nodes.map(({ name }) => [name, time.now]));
  /** Until when there was proof, of nodes that were dead before and are not now. */
  const deadUntil = new Map<string, number>();

  function isDead(name: string, node: Node | undefined): boolean {
    const isOut = node?.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true;
    return node === undefined || isOut || time.now - (heardAt.get(name) ?? 0) >= FENCE_MS;
  }

  function nodeOf(name: string): Node | undefined {
    return api.store.find('/nodes', undefined, name) as unknown as Node | undefined; // its schema says so
  }

  const stops = [
    api.store.subscribe('coordination.k8s.io/leases', ({ object }) => {
      const name = nodes.find(node => agentLeaseName(node.name) === object.metadata.name)?.name ?? '';
      if (isDead(name, nodeOf(name))) deadUntil.set(name, time.now);
      heardAt.set(name, time.now);
    }),
    api.store.subscribe('/nodes', ({ object, previous }) => {
      const { name } = object.metadata;
      if (isDead(name, previous as unknown as Node | undefined)) deadUntil.set(name, time.now);
    }),
    api.store.subscribe('underlane.io/ipallocations', change => {
      const { acting } = network;
      if (acting?.link.name.startsWith('c') !== true || change.previous === undefined) return;
      const before = change.previous as unknown as IPAllocation; // its schema says so
      const after = change.object as unknown as IPAllocation;
      const { node, owner } = before.spec;
      if (change.type !== 'DELETED' && after.spec.owner.podUid === owner.podUid) return;
      const { name, uid = '' } = before.metadata;
      const provenAt = isDead(node, nodeOf(node)) ? time.now : (deadUntil.get(node) ?? 0);
      const isProven = provenAt >= acting.sentAt - VERDICT_MS;
      const what = change.type === 'DELETED' ? 'gave back' : 'handed over';
      trace(() => `${acting.link.name} ${what} ${name} of ${node}, which is ${isProven ? 'dead' : 'NOT dead'}`);
      if (isProven) lost.add(change.type === 'DELETED' ? uid : `${uid} ${owner.podUid}`);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
