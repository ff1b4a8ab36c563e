import type { KubeObject, Resource } from '#api';

/** Whether an object is of a kind. One that does not say its group, as only files have it, is by the kind's name alone. */
export function isOfKind({ apiVersion, kind }: KubeObject, resource: Resource): boolean {
  if (kind !== resource.kind) return false;
  if (apiVersion === undefined) return true;
  // Nobody has looked at a file's object before: its fields may be anything.
  return typeof apiVersion === 'string' && groupOf(apiVersion) === resource.group;
}

/** Of `apps/v1` it is `apps`, of `v1` none. */
function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.lastIndexOf('/')) : '';
}
