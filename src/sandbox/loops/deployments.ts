import type { KubeClient } from '#kube';
import { SANDBOX_PODS, type SandboxPod } from '../resources.ts';
import { DEPLOYMENTS, type Deployment, REPLICA_SETS, type ReplicaSet } from '../workloads.ts';
import { ownedBy, referenceTo } from './ownership.ts';
import { isPodActive, isPodReady, isPodTerminating } from './pod-state.ts';
import { reconcileAll } from './reconcile-all.ts';
import { labelOf, templateHash } from './template-pod.ts';
import { generationOf } from './write-status.ts';

const HASH_LABEL = 'pod-template-hash';

/** Keeps a ReplicaSet for each template that a Deployment had, and moves its pods to the newest by its strategy. */
export function reconcileDeployments(client: KubeClient): Promise<void> {
  return reconcileAll(client, DEPLOYMENTS, {
    look: () => Promise.all([client.list(REPLICA_SETS), client.list(SANDBOX_PODS)]),
    plan: (deployment, [sets, pods]) => planDeployment(deployment, sets.items, pods.items),
    async carryOut({ create, scale, remove }) {
      if (create !== undefined) await client.create(REPLICA_SETS, create);
      for (const { set, replicas } of scale) {
        await client.mergePatch(REPLICA_SETS, set.metadata, { spec: { replicas } });
      }
      for (const set of remove) await client.delete(REPLICA_SETS, set.metadata);
    },
  });
}

export interface DeploymentPlan {
  readonly create: ReplicaSet | undefined;
  readonly scale: readonly { readonly set: ReplicaSet; readonly replicas: number }[];
  /** Of earlier templates, more than are to be remembered. */
  readonly remove: readonly ReplicaSet[];
  readonly status: Readonly<Record<string, number>>;
}

export function planDeployment(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  pods: readonly SandboxPod[],
): DeploymentPlan {
  const hash = templateHash(deployment.spec.template);
  const own = ownedBy(deployment, sets).filter(set => set.metadata.deletionTimestamp === undefined);
  const newest = own.find(set => labelOf(set, HASH_LABEL) === hash);
  const older = own.filter(set => set !== newest);
  const sizes = planSizes(deployment, newest, older, pods);
  const changed = [...(newest === undefined ? [] : [newest]), ...older].flatMap(set => {
    const replicas = set === newest ? sizes.newest : (sizes.older.get(set) ?? sizeOf(set));
    return replicas === sizeOf(set) ? [] : [{ set, replicas }];
  });
  const empty = older.filter(set => sizeOf(set) === 0 && ownedBy(set, pods).length === 0).toSorted(youngestFirst);
  const active = own.flatMap(set => ownedBy(set, pods)).filter(isPodActive);
  const ready = active.filter(isPodReady).length;
  const updated = newest === undefined ? 0 : ownedBy(newest, pods).filter(isPodActive).length;
  return {
    create: newest === undefined ? setOf(deployment, sizes.newest) : undefined,
    scale: changed,
    remove: empty.slice(deployment.spec.revisionHistoryLimit ?? 10),
    status: {
      observedGeneration: generationOf(deployment),
      replicas: active.length,
      updatedReplicas: updated,
      readyReplicas: ready,
      availableReplicas: ready,
      unavailableReplicas: Math.max(0, sizeOf(deployment) - ready),
    },
  };
}

interface Sizes {
  readonly newest: number;
  readonly older: ReadonlyMap<ReplicaSet, number>;
}

/** How large each ReplicaSet is to be now: pods go over as fast as the strategy allows, and as there are new ones that are ready. */
function planSizes(
  deployment: Deployment,
  newest: ReplicaSet | undefined,
  older: readonly ReplicaSet[],
  pods: readonly SandboxPod[],
): Sizes {
  const wanted = sizeOf(deployment);
  const present = newest === undefined ? 0 : sizeOf(newest);
  if (deployment.spec.strategy?.type === 'Recreate') {
    const isOccupied = older.some(set => ownedBy(set, pods).some(pod => isPodActive(pod) || isPodTerminating(pod)));
    return { newest: isOccupied ? present : wanted, older: new Map(older.map(set => [set, 0])) };
  }
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = portion(maxSurge, wanted, Math.ceil);
  const missing = portion(maxUnavailable, wanted, Math.floor) || (surge === 0 ? 1 : 0);
  const total = present + older.reduce((sum, set) => sum + sizeOf(set), 0);
  const room = Math.max(0, wanted + surge - total);
  const grown = present > wanted ? wanted : Math.min(wanted, present + room);
  const readyOf = (set: ReplicaSet | undefined): number =>
    set === undefined ? 0 : ownedBy(set, pods).filter(pod => isPodActive(pod) && isPodReady(pod)).length;
  // What the newest has not brought up yet counts as missing already.
  let spare = total - (wanted - missing) - (present - readyOf(newest));
  const sizes = new Map<ReplicaSet, number>();
  // Pods that do not work go first: nobody misses them.
  for (const countOf of [(set: ReplicaSet) => sizeOf(set) - readyOf(set), sizeOf]) {
    for (const set of older) {
      const size = sizes.get(set) ?? sizeOf(set);
      const less = Math.max(0, Math.min(spare, size, countOf(set)));
      sizes.set(set, size - less);
      spare -= less;
    }
  }
  return { newest: grown, older: sizes };
}

/** A number, or a percentage of one. */
function portion(value: number | string, of: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseFloat(value) / 100) * of);
}

function sizeOf({ spec }: Deployment | ReplicaSet): number {
  return spec.replicas ?? 1;
}

function youngestFirst(a: ReplicaSet, b: ReplicaSet): number {
  return (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1;
}

/** The ReplicaSet of a Deployment's present template. */
export function setOf(deployment: Deployment, replicas: number): ReplicaSet {
  const { name, namespace = '' } = deployment.metadata;
  const { template, selector } = deployment.spec;
  const hash = templateHash(template);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  return {
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels,
      ownerReferences: [referenceTo(DEPLOYMENTS, deployment)],
    },
    spec: {
      replicas,
      selector: { ...selector, matchLabels: { ...selector?.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
