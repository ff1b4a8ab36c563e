import type { KubeObject, OwnerReference, Resource } from '#api';

/** The reference by which a controller's objects name it. */
export function controllerReference({ group, version, kind }: Resource, { metadata }: KubeObject): OwnerReference {
  const { name, uid = '' } = metadata;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const reference = { apiVersion, kind, name, uid, controller: true };
  // As real controllers set it: an owner that is deleted in the foreground waits for these.
  return { ...reference, ...{ blockOwnerDeletion: true } };
}

/** The uid of the object that controls this one. */
export function controllerOf({ metadata }: KubeObject): string | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
}

/** Those of the objects that `owner` controls. */
export function ownedBy<T extends KubeObject>(owner: KubeObject, objects: readonly T[]): T[] {
  return objects.filter(object => controllerOf(object) === owner.metadata.uid);
}
