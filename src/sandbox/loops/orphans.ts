import type { KubeObject, Resource } from '#api';
import { codeOf } from '#base';
import type { KubeClient } from '#kube';
import { SANDBOX_PODS, type SandboxPod } from '../resources.ts';
import { CRON_JOBS, DAEMON_SETS, DEPLOYMENTS, JOBS, REPLICA_SETS, STATEFUL_SETS } from '../workloads.ts';
import { deletePod } from './delete-pod.ts';
import { controllerOf } from './ownership.ts';

/** Nothing else of an object counts here. */
const METADATA = { metadataOnly: true };

const OWNERS: readonly Resource[] = [DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS, JOBS, CRON_JOBS];

/** Deletes what a loop made for a workload that was deleted meanwhile: the server collects only what was there before. */
export async function deleteOrphans(client: KubeClient): Promise<void> {
  // Dependents first: an owner that is made in between then counts as there.
  const [pods, sets, jobs] = await Promise.all([
    client.list(SANDBOX_PODS, METADATA),
    client.list(REPLICA_SETS, METADATA),
    client.list(JOBS, METADATA),
  ]);
  const owners = await Promise.all(OWNERS.map(async resource => (await client.list(resource, METADATA)).items));
  const present = new Set(owners.flat().map(({ metadata }) => metadata.uid));
  for (const pod of pods.items.filter(object => isOrphan(object, present))) await deletePod(client, pod);
  for (const set of sets.items.filter(object => isOrphan(object, present))) await remove(client, REPLICA_SETS, set);
  for (const job of jobs.items.filter(object => isOrphan(object, present))) await remove(client, JOBS, job);
}

function isOrphan(object: SandboxPod | KubeObject, present: ReadonlySet<string | undefined>): boolean {
  const controller = object.metadata.ownerReferences?.find(({ uid }) => uid === controllerOf(object));
  const isOurs = OWNERS.some(({ kind }) => kind === controller?.kind);
  return isOurs && object.metadata.deletionTimestamp === undefined && !present.has(controller?.uid);
}

/** Whoever collects what deleted owners leave may have been faster. */
async function remove(client: KubeClient, resource: Resource, { metadata }: KubeObject): Promise<void> {
  try {
    await client.delete(resource, metadata);
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}
