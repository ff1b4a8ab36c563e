import type { KubeClient } from '#kube';
import { NODES, type Node, SANDBOX_PODS, type SandboxPod } from '../resources.ts';
import { DAEMON_SETS, type DaemonSet } from '../workloads.ts';
import { deletePod } from './delete-pod.ts';
import { ownedBy, referenceTo } from './ownership.ts';
import { fits, nodeNameOf, onNode } from './placement.ts';
import { isPodActive, isPodFinished, isPodReady, isPodTerminating } from './pod-state.ts';
import { reconcileAll } from './reconcile-all.ts';
import { labelOf, templateHash, templatePod } from './template-pod.ts';
import { generationOf } from './write-status.ts';

const REVISION_LABEL = 'controller-revision-hash';

/** What becomes of a node does not move its daemons away. */
const TOLERATED = ['not-ready:NoExecute', 'unreachable:NoExecute', 'unschedulable:NoSchedule'].map(text => {
  const [key = '', effect = ''] = text.split(':');
  return { key: `node.kubernetes.io/${key}`, operator: 'Exists', effect };
});

/** Gives every DaemonSet a pod on each node that it fits. */
export function reconcileDaemonSets(client: KubeClient): Promise<void> {
  return reconcileAll(client, DAEMON_SETS, {
    look: () => Promise.all([client.list(NODES), client.list(SANDBOX_PODS)]),
    plan: (set, [nodes, pods]) => planDaemonSet(set, nodes.items, pods.items),
    async carryOut({ create, remove }, set) {
      for (const pod of remove) await deletePod(client, pod);
      for (const node of create) await client.create(SANDBOX_PODS, podOfDaemon(set, node));
    },
  });
}

export interface DaemonSetPlan {
  /** Names of nodes that lack their pod. */
  readonly create: readonly string[];
  readonly remove: readonly SandboxPod[];
  readonly status: Readonly<Record<string, number>>;
}

export function planDaemonSet(set: DaemonSet, nodes: readonly Node[], pods: readonly SandboxPod[]): DaemonSetPlan {
  const own = ownedBy(set, pods);
  const wanted = nodes
    .map(node => ({ node, name: node.metadata.name }))
    .filter(({ node, name }) => fits(podOfDaemon(set, name), node))
    .map(({ name }) => name);
  const onNodes = wanted.map(name => own.filter(pod => nodeNameOf(pod) === name));
  const misplaced = own.filter(pod => !wanted.includes(nodeNameOf(pod) ?? ''));
  const members = onNodes.flatMap(list => list.filter(isPodActive).slice(0, 1));
  const isCurrent = (pod: SandboxPod): boolean => labelOf(pod, REVISION_LABEL) === templateHash(set.spec.template);
  // One node at a time: the next follows when this one's pod is up.
  const isCalm = onNodes.every(list => list.length === 1 && list.every(isPodReady));
  const outdated = isCalm ? members.filter(pod => !isCurrent(pod)).slice(0, 1) : [];
  const ready = members.filter(isPodReady).length;
  return {
    // A pod that is on its way out still has the node's place.
    create: wanted.filter((_, index) => onNodes[index]?.length === 0),
    remove: [
      ...own.filter(pod => !isPodTerminating(pod) && (misplaced.includes(pod) || isPodFinished(pod))),
      ...onNodes.flatMap(list => list.filter(isPodActive).slice(1)),
      ...outdated,
    ],
    status: {
      observedGeneration: generationOf(set),
      desiredNumberScheduled: wanted.length,
      currentNumberScheduled: members.length,
      numberMisscheduled: misplaced.length,
      updatedNumberScheduled: members.filter(isCurrent).length,
      numberReady: ready,
      numberAvailable: ready,
      numberUnavailable: wanted.length - ready,
    },
  };
}

export function podOfDaemon(set: DaemonSet, node: string): SandboxPod {
  const { name, namespace } = set.metadata;
  const pod = templatePod(set.spec.template, {
    namespace,
    name: { prefix: `${name}-` },
    owner: referenceTo(DAEMON_SETS, set),
    labels: {
      [REVISION_LABEL]: templateHash(set.spec.template),
      'pod-template-generation': String(generationOf(set)),
    },
  });
  const tolerations = [...(pod.spec.tolerations ?? []), ...TOLERATED];
  return { ...pod, spec: { ...onNode(pod.spec, node), tolerations } };
}
