import { controllerReference, type KubeObject, type OwnerReference, type Resource } from '#api';

/** The reference by which a workload's objects name it, as real controllers set it: deleted in the foreground it waits for them. */
export function referenceTo(resource: Resource, workload: KubeObject): OwnerReference {
  return { ...controllerReference(resource, workload), ...{ blockOwnerDeletion: true } };
}

/** The uid of the object that controls this one. */
export function controllerOf({ metadata }: KubeObject): string | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
}

/** Those of the objects that `owner` controls. */
export function ownedBy<T extends KubeObject>(owner: KubeObject, objects: readonly T[]): T[] {
  return objects.filter(object => controllerOf(object) === owner.metadata.uid);
}
