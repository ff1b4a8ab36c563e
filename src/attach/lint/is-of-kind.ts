import type { KubeObject, Resource } from '#api';

/** Whether an object is of a kind. One that does not say its group, as only files have it, is by the kind's name alone. */
export function isOfKind({ apiVersion, kind }: KubeObject, resource: Resource): boolean {
  if (kind !== resource.kind) return false;
  return apiVersion === undefined || apiVersion.slice(0, apiVersion.lastIndexOf('/')) === resource.group;
}
