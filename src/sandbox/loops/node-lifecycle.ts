import { isDeepStrictEqual } from 'node:util';
import type { KubeClient } from '#kube';
import { NODES, type Node, SANDBOX_PODS, type SandboxPod, type Taint } from '../resources.ts';
import { deletePod } from './delete-pod.ts';
import { tolerates } from './placement.ts';
import { isPodTerminating } from './pod-state.ts';

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
/** Put on a node by hand: it is known to be off, so nobody waits for it any more. */
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** Taints nodes by their condition, moves pods away from those that repel them, and lets the pods of dead nodes go. */
export async function reconcileNodes(client: KubeClient, now: () => Date): Promise<void> {
  // Pods first: a node that comes in between then counts as there.
  const pods = await client.list(SANDBOX_PODS);
  const nodes = await client.list(NODES);
  for (const node of nodes.items) {
    const taints = taintsOf(node, now().toISOString());
    if (!isDeepStrictEqual(taints, node.spec?.taints ?? []))
      await client.mergePatch(NODES, node.metadata, { spec: { taints } });
  }
  const { evict, release } = planEvictions(nodes.items, pods.items);
  for (const pod of evict) await deletePod(client, pod);
  for (const pod of release) await deletePod(client, pod, 0);
}

/** A node's taints as its Ready condition has them; all others stay. */
export function taintsOf({ spec, status }: Node, now: string): readonly Taint[] {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const key =
    ready === undefined || ready.status === 'True' ? undefined : ready.status === 'False' ? NOT_READY : UNREACHABLE;
  const present = spec?.taints ?? [];
  const others = present.filter(taint => taint.key !== NOT_READY && taint.key !== UNREACHABLE);
  if (key === undefined) return others;
  const own = ['NoSchedule', 'NoExecute'].map(
    effect => present.find(taint => taint.key === key && taint.effect === effect) ?? { key, effect, timeAdded: now },
  );
  return [...others, ...own];
}

export interface Evictions {
  /** Their nodes confirm it. */
  readonly evict: readonly SandboxPod[];
  /** Nobody is left to confirm it. */
  readonly release: readonly SandboxPod[];
}

/**
 * Pods are given five minutes on a node that is only not ready, longer than any sandbox waits: that taint moves none away here. Others
 * do at once.
 */
export function planEvictions(nodes: readonly Node[], pods: readonly SandboxPod[]): Evictions {
  const byName = new Map(nodes.map(node => [node.metadata.name, node]));
  const placed = pods.filter(({ spec }) => spec.nodeName !== undefined);
  const nodeOf = (pod: SandboxPod): Node | undefined => byName.get(pod.spec.nodeName ?? '');
  const isRepelled = (pod: SandboxPod): boolean =>
    (nodeOf(pod)?.spec?.taints ?? []).some(
      taint =>
        taint.effect === 'NoExecute' &&
        taint.key !== NOT_READY &&
        taint.key !== UNREACHABLE &&
        !tolerates(pod.spec, taint),
    );
  const isLost = (pod: SandboxPod): boolean => {
    const node = nodeOf(pod);
    return node === undefined || (isPodTerminating(pod) && isOut(node));
  };
  return {
    evict: placed.filter(pod => !isPodTerminating(pod) && isRepelled(pod)),
    release: placed.filter(isLost),
  };
}

function isOut({ spec, status }: Node): boolean {
  const isReady = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  return isReady !== true && spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true;
}
