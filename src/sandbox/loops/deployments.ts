import { createHash, randomBytes } from 'node:crypto';
import { codeOf } from '#base';
import type { KubeClient } from '#kube';
import { DEPLOYMENTS, type Deployment, SANDBOX_PODS, type SandboxPod } from '../resources.ts';

const HASH_LABEL = 'pod-template-hash';

/** Gives every Deployment its pods, without ReplicaSets in between: pods of an older template are replaced at once. */
export async function reconcileDeployments(client: KubeClient): Promise<void> {
  const [deployments, pods] = await Promise.all([client.list(DEPLOYMENTS), client.list(SANDBOX_PODS)]);
  for (const deployment of deployments.items) {
    if (deployment.metadata.deletionTimestamp !== undefined) continue;
    await reconcileDeployment(client, deployment, pods.items);
  }
}

async function reconcileDeployment(
  client: KubeClient,
  deployment: Deployment,
  pods: readonly SandboxPod[],
): Promise<void> {
  const { create, remove, status } = planDeployment(deployment, pods);
  for (const pod of remove) await deletePod(client, pod);
  for (let made = 0; made < create; made++) await client.create(SANDBOX_PODS, podOf(deployment));
  const isCurrent = Object.entries(status).every(([key, value]) => deployment.status?.[key] === value);
  if (!isCurrent) await client.mergePatch(DEPLOYMENTS, deployment.metadata, { status }, { subresource: 'status' });
}

export interface DeploymentPlan {
  readonly create: number;
  readonly remove: readonly SandboxPod[];
  readonly status: Readonly<Record<string, number>>;
}

export function planDeployment(deployment: Deployment, pods: readonly SandboxPod[]): DeploymentPlan {
  const own = pods.filter(
    pod =>
      pod.metadata.deletionTimestamp === undefined &&
      pod.metadata.ownerReferences?.some(({ uid }) => uid === deployment.metadata.uid),
  );
  const hash = templateHash(deployment);
  const current = own.filter(pod => pod.metadata.labels?.[HASH_LABEL] === hash);
  const replicas = deployment.spec.replicas ?? 1;
  const ready = own.filter(isPodReady).length;
  // Generation is in every object that a server has stored, but not in the metadata that the product looks at.
  const { generation } = deployment.metadata as { readonly generation?: number };
  return {
    create: Math.max(0, replicas - current.length),
    remove: [...own.filter(pod => !current.includes(pod)), ...current.slice(replicas)],
    status: {
      observedGeneration: generation ?? 1,
      replicas: own.length,
      updatedReplicas: current.length,
      readyReplicas: ready,
      availableReplicas: ready,
      unavailableReplicas: Math.max(0, replicas - ready),
    },
  };
}

export function isPodReady(pod: SandboxPod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

export function podOf(deployment: Deployment): SandboxPod {
  const { name, namespace = '', uid = '' } = deployment.metadata;
  const { metadata, spec } = deployment.spec.template;
  const hash = templateHash(deployment);
  return {
    metadata: {
      name: `${name}-${hash}-${randomBytes(3).toString('hex').slice(0, 5)}`,
      namespace,
      labels: { ...metadata?.labels, [HASH_LABEL]: hash },
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true }],
    },
    spec,
  };
}

function templateHash(deployment: Deployment): string {
  return createHash('sha256').update(JSON.stringify(deployment.spec.template)).digest('hex').slice(0, 9);
}

/** Asks for a pod's end; its node confirms it. */
export async function deletePod(client: KubeClient, pod: SandboxPod): Promise<void> {
  try {
    const { uid } = pod.metadata;
    await client.delete(SANDBOX_PODS, pod.metadata, uid === undefined ? {} : { preconditions: { uid } });
  } catch (error) {
    if (!['NotFound', 'Conflict'].includes(codeOf(error))) throw error;
  }
}
