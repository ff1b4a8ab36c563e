import type { NetworkAttachmentDefinition } from '#api';
import { isJsonObject, UnderlaneError } from '#base';
import { type Pool, parseIpam } from '#ipam';
import { nadSource, resolveNad } from '#networks';
import { SCOPE_ANNOTATION } from '../resolve/find-network.ts';

/** The Whereabouts ranges that a network hands out addresses of; none where it cannot be read. */
export function rangesOfDefinition(nad: NetworkAttachmentDefinition): readonly Pool[] {
  const source = nadSource(nad);
  const scope = nad.metadata.annotations?.[SCOPE_ANNOTATION];
  try {
    const { name: networkName, plugins } = resolveNad(nad);
    return plugins.flatMap(({ ipam }) => {
      if (!isJsonObject(ipam) || ipam['type'] !== 'whereabouts') return [];
      const config = parseIpam(ipam, { networkName, source, ...(scope === undefined ? {} : { scope }) });
      return config.dialect === 'whereabouts' ? config.pools : [];
    });
  } catch (error) {
    if (error instanceof UnderlaneError) return [];
    throw error;
  }
}
