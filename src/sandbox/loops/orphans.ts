import type { KubeClient } from '#kube';
import { DEPLOYMENTS, SANDBOX_PODS } from '../resources.ts';
import { deletePod } from './deployments.ts';

/** Deletes the pods of Deployments that are gone. */
export async function deleteOrphans(client: KubeClient): Promise<void> {
  // Pods first: a Deployment that is made in between then counts as there.
  const pods = await client.list(SANDBOX_PODS);
  const owners = new Set((await client.list(DEPLOYMENTS)).items.map(({ metadata }) => metadata.uid));
  for (const pod of pods.items) {
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    const isOrphan =
      pod.metadata.ownerReferences?.some(({ kind, uid }) => kind === 'Deployment' && !owners.has(uid)) === true;
    if (isOrphan) await deletePod(client, pod);
  }
}
