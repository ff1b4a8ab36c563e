import {
  type KubeObject,
  type OwnerReference,
  type Pod,
  VIRTUAL_MACHINE_INSTANCES,
  type WorkloadReference,
} from '#api';
import type { PoolCatalog } from '../catalog/pool-catalog.ts';

/**
 * The workload whose next pod comes back as the same one: a StatefulSet's pod by its name, a virtual machine of KubeVirt whatever
 * its pod is called. undefined for every other pod.
 * @throws ApiError: a virtual machine's instance is asked for, to know whether it belongs to a VirtualMachine
 */
export async function workloadOfPod(
  pod: Pod,
  catalog: Pick<PoolCatalog, 'get'>,
  signal?: AbortSignal,
): Promise<WorkloadReference | undefined> {
  const set = controllerOf(pod, 'apps/', 'StatefulSet');
  if (set !== undefined) {
    return { kind: 'StatefulSet', name: set.name, uid: set.uid, member: pod.metadata.name };
  }
  const instance = controllerOf(pod, 'kubevirt.io/', 'VirtualMachineInstance');
  if (instance === undefined) return undefined;
  const { namespace } = pod.metadata;
  const name = { name: instance.name, ...(namespace === undefined ? {} : { namespace }) };
  const found = await catalog.get(VIRTUAL_MACHINE_INSTANCES, name, signal);
  const machine = found === undefined ? undefined : controllerOf(found, 'kubevirt.io/', 'VirtualMachine');
  return machine === undefined
    ? { kind: 'VirtualMachineInstance', name: instance.name, uid: instance.uid }
    : { kind: 'VirtualMachine', name: machine.name, uid: machine.uid };
}

function controllerOf({ metadata }: KubeObject, group: string, kind: string): OwnerReference | undefined {
  return metadata.ownerReferences?.find(
    owner => owner.controller === true && owner.kind === kind && owner.apiVersion.startsWith(group),
  );
}
