import type { KubeClient } from '#kube';
import { SANDBOX_PODS, type SandboxPod } from '../resources.ts';
import { REPLICA_SETS, type ReplicaSet } from '../workloads.ts';
import { changePods, type PodsPlan } from './change-pods.ts';
import { ownedBy, referenceTo } from './ownership.ts';
import { isPodActive, isPodReady } from './pod-state.ts';
import { reconcileAll } from './reconcile-all.ts';
import { templatePod } from './template-pod.ts';
import { generationOf } from './write-status.ts';

/** Gives every ReplicaSet as many pods as it wants. */
export function reconcileReplicaSets(client: KubeClient): Promise<void> {
  return reconcileAll(client, REPLICA_SETS, {
    look: () => client.list(SANDBOX_PODS),
    plan: (set, pods) => planReplicaSet(set, pods.items),
    carryOut: (plan, set) => changePods(client, plan, () => podOfSet(set)),
  });
}

export function planReplicaSet(set: ReplicaSet, pods: readonly SandboxPod[]): PodsPlan {
  const active = ownedBy(set, pods).filter(isPodActive);
  const wanted = set.spec.replicas ?? 1;
  const ready = active.filter(isPodReady).length;
  return {
    create: Math.max(0, wanted - active.length),
    remove: active.toSorted(dearestFirst).slice(wanted),
    status: {
      observedGeneration: generationOf(set),
      replicas: active.length,
      fullyLabeledReplicas: active.length,
      readyReplicas: ready,
      availableReplicas: ready,
    },
  };
}

/** Pods that do something are kept before those that do not, and older ones before younger. */
function dearestFirst(a: SandboxPod, b: SandboxPod): number {
  const worth = (pod: SandboxPod): number => (pod.spec.nodeName === undefined ? 0 : isPodReady(pod) ? 2 : 1);
  const age = (pod: SandboxPod): string => `${pod.metadata.creationTimestamp} ${pod.metadata.name}`;
  return worth(b) - worth(a) || (age(a) < age(b) ? -1 : 1);
}

export function podOfSet(set: ReplicaSet): SandboxPod {
  const { name, namespace } = set.metadata;
  return templatePod(set.spec.template, {
    namespace,
    name: { prefix: `${name}-` },
    owner: referenceTo(REPLICA_SETS, set),
  });
}
