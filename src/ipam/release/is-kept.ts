import {
  type ClaimOwner,
  hasMember,
  IP_ALLOCATIONS,
  type IPAllocation,
  IPAM_CLAIMS,
  type KubeObject,
  POD_LABEL,
  PODS,
  type Resource,
  STATEFUL_SETS,
  VIRTUAL_MACHINE_INSTANCES,
  VIRTUAL_MACHINES,
  type WorkloadReference,
} from '#api';
import type { KubeClient } from '#kube';
import { orAbsent } from '../api-retry.ts';
import { podLabel } from '../store/claim-object.ts';
import { isSameOwner } from '../store/claim-owner.ts';

type Find = <T extends KubeObject>(resource: Resource<T>, name: string) => Promise<T | undefined>;

/**
 * Whether what a claim is kept for from pod to pod is there and still wants it: an IPAMClaim that names the address (one
 * that was taken for it and never written into it is not: its ADD was killed in between), or a workload that has, or is to
 * have, this of its pods, and that pod has no other address instead.
 * @throws ApiError when nobody can tell
 */
export async function isKept(
  { metadata, spec }: IPAllocation,
  client: KubeClient,
  signal?: AbortSignal,
): Promise<boolean> {
  const { ipamClaim, workload, podNamespace } = spec.owner;
  const find: Find = (resource, name) =>
    orAbsent(
      client.get(
        resource,
        { name, ...(podNamespace === undefined ? {} : { namespace: podNamespace }) },
        signal === undefined ? {} : { signal },
      ),
    );
  const list = async (): Promise<readonly IPAllocation[]> => {
    const query = { labelSelector: `${POD_LABEL}=${podLabel(spec.owner)}` };
    return (await client.list(IP_ALLOCATIONS, query, signal === undefined ? {} : { signal })).items;
  };
  if (ipamClaim !== undefined) {
    const keeper = await find(IPAM_CLAIMS, ipamClaim.name);
    return keeper?.metadata.uid === ipamClaim.uid && keeper.status?.ips?.includes(spec.address) === true;
  }
  // The claim itself may have gone over to the next pod since it was read.
  const others = async () => (await list()).filter(other => other.metadata.uid !== metadata.uid);
  return workload !== undefined && (await isMember(workload, find)) && !(await isReplaced(spec.owner, find, others));
}

/** Whether the workload's pod runs with another address in its place: its pools were changed, and it was started again. */
async function isReplaced(
  owner: ClaimOwner,
  find: Find,
  others: () => Promise<readonly IPAllocation[]>,
): Promise<boolean> {
  for (const other of await others()) {
    const { podName, podUid } = other.spec.owner;
    if (podName === undefined || podUid === owner.podUid || !isSameOwner(other.spec.owner, owner)) continue;
    if ((await find(PODS, podName))?.metadata.uid === podUid) return true;
  }
  return false;
}

async function isMember({ kind, name, uid, member }: WorkloadReference, find: Find): Promise<boolean> {
  if (kind === 'StatefulSet') {
    const set = await find(STATEFUL_SETS, name);
    return isIt(set, uid) && (member === undefined || hasMember(set, member));
  }
  return isIt(await find(kind === 'VirtualMachine' ? VIRTUAL_MACHINES : VIRTUAL_MACHINE_INSTANCES, name), uid);
}

/** One that is being deleted starts no pods any more. */
function isIt<T extends KubeObject>(object: T | undefined, uid: string): object is T {
  return object?.metadata.uid === uid && object.metadata.deletionTimestamp === undefined;
}
