import type { NetworkAttachmentDefinition } from '#api';
import { isJsonObject, type JsonObject } from '#base';
import { resolveNad } from '#networks';
import { readOr } from './read-or.ts';

/** The `ipam` objects of one type in a network's configuration; none where it cannot be read. */
export function ipamsOfType(nad: NetworkAttachmentDefinition, type: string): readonly JsonObject[] {
  // Most networks are of another type, and need not be parsed to say so.
  if (!nad.spec?.config?.includes(type)) return [];
  return readOr([], () =>
    resolveNad(nad).plugins.flatMap(({ ipam }) => (isJsonObject(ipam) && ipam['type'] === type ? [ipam] : [])),
  );
}
