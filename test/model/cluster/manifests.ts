/** What the runs' people write. */
import {
  type IPAMClaim,
  type KubeObject,
  type NetworkAttachmentDefinition,
  type ObjectMeta,
  type Pod,
  type StatefulSet,
  VIRTUAL_MACHINE_INSTANCES,
  VIRTUAL_MACHINES,
} from '#api';
import { NETWORKS_ANNOTATION } from '#networks';
import { NAMESPACE } from './cluster-objects.ts';

/** A pod that asks for these networks: `lan`, or `lan` with an IPAMClaim. */
export function newPod(
  name: string,
  networks: readonly unknown[],
  node: string | undefined,
  { annotations, ...more }: Partial<ObjectMeta> = {},
): Pod {
  return {
    metadata: {
      ...more,
      name,
      namespace: NAMESPACE,
      annotations: { ...annotations, [NETWORKS_ANNOTATION]: JSON.stringify(networks) },
    },
    spec: { containers: [{ name: 'c', image: 'x' }], ...(node === undefined ? {} : { nodeName: node }) },
  };
}

export function newNetwork(name: string, ipam: object): NetworkAttachmentDefinition {
  const config = { cniVersion: '1.0.0', name, type: 'macvlan', master: 'up0', ipam };
  return { metadata: { name, namespace: NAMESPACE }, spec: { config: JSON.stringify(config) } };
}

export function newIpamClaim(name: string, network: string): IPAMClaim {
  return { metadata: { name, namespace: NAMESPACE }, spec: { network, interface: 'net1' } };
}

/** What its pods keep their addresses for. */
export function newStatefulSet(name: string, replicas: number): StatefulSet {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'x' }] } };
  const selector = { matchLabels: { app: name } };
  // The server wants more of it than we read.
  return {
    metadata: { name, namespace: NAMESPACE },
    spec: { replicas, serviceName: name, selector, template },
  } as StatefulSet;
}

export function newMachine(name: string): KubeObject {
  return { metadata: { name, namespace: NAMESPACE } };
}

/** The instance of a virtual machine: what runs of it. */
export function newInstance(machine: KubeObject): KubeObject {
  const owner = ownerReference(machine, 'kubevirt.io/v1', VIRTUAL_MACHINES.kind);
  return { metadata: { name: machine.metadata.name, namespace: NAMESPACE, ownerReferences: [owner] } };
}

/** Metadata of a pod that a StatefulSet makes. */
export function ofStatefulSet(set: StatefulSet): Partial<ObjectMeta> {
  return { ownerReferences: [ownerReference(set, 'apps/v1', 'StatefulSet')] };
}

/** Metadata of a pod in which a virtual machine runs, or is to run once it has migrated. */
export function ofInstance(instance: KubeObject, isTarget: boolean): Partial<ObjectMeta> {
  return {
    ownerReferences: [ownerReference(instance, 'kubevirt.io/v1', VIRTUAL_MACHINE_INSTANCES.kind)],
    ...(isTarget ? { annotations: { [MIGRATION]: 'migration' } } : {}),
  };
}

/** Whether a pod was made for a virtual machine to migrate to. */
export function isTarget({ metadata }: Pod): boolean {
  return metadata.annotations?.[MIGRATION] !== undefined;
}

const MIGRATION = 'kubevirt.io/migrationJobName';

function ownerReference({ metadata: { name, uid = '' } }: KubeObject, apiVersion: string, kind: string) {
  return { apiVersion, kind, name, uid, controller: true };
}
