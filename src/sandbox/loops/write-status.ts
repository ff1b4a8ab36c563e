import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, Resource } from '#api';
import type { KubeClient } from '#kube';

/** Writes the fields of a status that differ from what is there; most of the time none does. */
export async function writeStatus<T extends KubeObject & { readonly status?: object }>(
  client: KubeClient,
  resource: Resource<T>,
  object: T,
  status: Readonly<Record<string, unknown>>,
): Promise<void> {
  const present = { ...object.status } as Readonly<Record<string, unknown>>; // any status is an object
  const isCurrent = Object.entries(status).every(([key, value]) => isDeepStrictEqual(present[key], value));
  if (!isCurrent) await client.mergePatch(resource, object.metadata, { status }, { subresource: 'status' });
}

/** Counted up by the server whenever a spec changes. Every stored object has it, but the product looks at it nowhere. */
export function generationOf({ metadata }: KubeObject): number {
  return (metadata as { readonly generation?: number }).generation ?? 1;
}
