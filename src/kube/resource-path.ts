import type { Resource } from '#api';
import type { ListQuery, ObjectName } from './client.ts';

export interface ResourcePath {
  readonly namespace?: string | undefined;
  readonly name?: string;
  readonly subresource?: string | undefined;
}

/** The URL path of a collection, an object or its subresource. Names are escaped, so that no name can lead elsewhere. */
export function resourcePath(resource: Resource, at: ResourcePath = {}): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const segments = [root];
  if (resource.isNamespaced && at.namespace !== undefined)
    segments.push('namespaces', encodeURIComponent(at.namespace));
  segments.push(resource.plural);
  if (at.name !== undefined) segments.push(encodeURIComponent(at.name));
  if (at.subresource !== undefined) segments.push(at.subresource);
  return segments.join('/');
}

/** The query string of a list or a watch, with its `?`, or nothing. */
export function listQueryString(query: ListQuery, extra: Readonly<Record<string, string>> = {}): string {
  const params = new URLSearchParams();
  if (query.labelSelector !== undefined) params.set('labelSelector', query.labelSelector);
  if (query.fieldSelector !== undefined) params.set('fieldSelector', query.fieldSelector);
  if (query.notOlderThan !== undefined) params.set('resourceVersion', query.notOlderThan);
  for (const [key, value] of Object.entries(extra)) params.set(key, value);
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** An object's name as messages show it: `pods "ns/x"`. */
export function describeObject(resource: Resource, name: ObjectName): string {
  return `${resource.plural} "${name.namespace === undefined ? '' : `${name.namespace}/`}${name.name}"`;
}
