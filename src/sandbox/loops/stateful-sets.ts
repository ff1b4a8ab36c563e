import { codeOf } from '#base';
import type { KubeClient } from '#kube';
import { SANDBOX_PODS, type SandboxPod } from '../resources.ts';
import { STATEFUL_SETS, type StatefulSet } from '../workloads.ts';
import { deletePod } from './delete-pod.ts';
import { ownedBy, referenceTo } from './ownership.ts';
import { isPodActive, isPodFinished, isPodReady, isPodTerminating } from './pod-state.ts';
import { reconcileAll } from './reconcile-all.ts';
import { labelOf, templateHash, templatePod } from './template-pod.ts';
import { generationOf } from './write-status.ts';

const REVISION_LABEL = 'controller-revision-hash';

/** Gives every StatefulSet its numbered pods, in their order. */
export function reconcileStatefulSets(client: KubeClient): Promise<void> {
  return reconcileAll(client, STATEFUL_SETS, {
    look: () => client.list(SANDBOX_PODS),
    plan: (set, pods) => planStatefulSet(set, pods.items),
    async carryOut({ create, remove }, set) {
      for (const pod of remove) await deletePod(client, pod);
      for (const ordinal of create) await createNumbered(client, set, ordinal);
    },
  });
}

/** A foreign pod that has the name is waited for, as long as it is there. */
async function createNumbered(client: KubeClient, set: StatefulSet, ordinal: number): Promise<void> {
  try {
    await client.create(SANDBOX_PODS, podOfOrdinal(set, ordinal));
  } catch (error) {
    if (codeOf(error) !== 'AlreadyExists') throw error;
  }
}

export interface StatefulSetPlan {
  /** Ordinals of pods to make. */
  readonly create: readonly number[];
  readonly remove: readonly SandboxPod[];
  readonly status: Readonly<Record<string, unknown>>;
}

export function planStatefulSet(set: StatefulSet, pods: readonly SandboxPod[]): StatefulSetPlan {
  const own = new Map(ownedBy(set, pods).map(pod => [ordinalOf(set, pod), pod]));
  const first = set.spec.ordinals?.start ?? 0;
  const ordinals = Array.from({ length: set.spec.replicas ?? 1 }, (_, index) => first + index);
  const members = [...own.values()];
  const revision = templateHash(set.spec.template);
  const updated = members.filter(pod => labelOf(pod, REVISION_LABEL) === revisionName(set, revision));
  const ready = members.filter(pod => isPodActive(pod) && isPodReady(pod)).length;
  return {
    ...planMembers(set, own, ordinals),
    status: {
      observedGeneration: generationOf(set),
      replicas: members.length,
      readyReplicas: ready,
      availableReplicas: ready,
      updatedReplicas: updated.length,
      currentReplicas: updated.length,
      updateRevision: revisionName(set, revision),
    },
  };
}

function planMembers(
  set: StatefulSet,
  own: ReadonlyMap<number, SandboxPod>,
  ordinals: readonly number[],
): Pick<StatefulSetPlan, 'create' | 'remove'> {
  const isOrdered = set.spec.podManagementPolicy !== 'Parallel';
  const create: number[] = [];
  const remove: SandboxPod[] = [];
  for (const ordinal of ordinals) {
    const pod = own.get(ordinal);
    if (pod === undefined) create.push(ordinal);
    else if (isPodFinished(pod) && !isPodTerminating(pod)) remove.push(pod);
    // In order, each waits for all before it.
    if (isOrdered && !isHealthy(pod)) return { create, remove };
  }
  const surplus = [...own].filter(([ordinal]) => !ordinals.includes(ordinal)).toSorted(([a], [b]) => b - a);
  if (surplus.length > 0) {
    const leaving = surplus.map(([, pod]) => pod).slice(0, isOrdered ? 1 : surplus.length);
    return { create, remove: [...remove, ...leaving.filter(pod => !isPodTerminating(pod))] };
  }
  const outdated = create.length === 0 && remove.length === 0 ? nextOutdated(set, own, ordinals) : undefined;
  return { create, remove: outdated === undefined ? remove : [outdated] };
}

/** The one to replace next by a new template: from the last to the first, each when those after it are up again. */
function nextOutdated(
  set: StatefulSet,
  own: ReadonlyMap<number, SandboxPod>,
  ordinals: readonly number[],
): SandboxPod | undefined {
  const { type = 'RollingUpdate', rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return undefined;
  const revision = revisionName(set, templateHash(set.spec.template));
  const from = (ordinals[0] ?? 0) + (rollingUpdate?.partition ?? 0);
  for (const ordinal of ordinals.filter(number => number >= from).toReversed()) {
    const pod = own.get(ordinal);
    if (pod === undefined || isPodTerminating(pod)) return undefined;
    if (labelOf(pod, REVISION_LABEL) !== revision) return pod;
    if (!isHealthy(pod)) return undefined;
  }
  return undefined;
}

function isHealthy(pod: SandboxPod | undefined): boolean {
  return pod !== undefined && isPodActive(pod) && isPodReady(pod);
}

function ordinalOf({ metadata }: StatefulSet, pod: SandboxPod): number {
  return Number(pod.metadata.name.slice(metadata.name.length + 1));
}

function revisionName({ metadata }: StatefulSet, hash: string): string {
  return `${metadata.name}-${hash}`;
}

export function podOfOrdinal(set: StatefulSet, ordinal: number): SandboxPod {
  const { name: owner, namespace } = set.metadata;
  const name = `${owner}-${ordinal}`;
  const { template, serviceName } = set.spec;
  const pod = templatePod(template, {
    namespace,
    name,
    owner: referenceTo(STATEFUL_SETS, set),
    labels: {
      [REVISION_LABEL]: revisionName(set, templateHash(template)),
      'statefulset.kubernetes.io/pod-name': name,
      'apps.kubernetes.io/pod-index': String(ordinal),
    },
  });
  const subdomain = serviceName === undefined ? {} : { subdomain: serviceName };
  return { ...pod, spec: { ...pod.spec, hostname: name, ...subdomain } };
}
