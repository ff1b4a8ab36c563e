import type { KubeObject, OwnerReference, Resource } from './object.ts';

/** The reference by which what a controller makes names it. */
export function controllerReference(resource: Resource, object: KubeObject): OwnerReference {
  const { group, version, kind } = resource;
  const { name, uid = '' } = object.metadata;
  return { apiVersion: group === '' ? version : `${group}/${version}`, kind, name, uid, controller: true };
}
