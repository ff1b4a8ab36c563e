import { NETWORK_ATTACHMENT_DEFINITIONS, type NetworkAttachmentDefinition } from '#api';
import { isJsonObject, UnderlaneError } from '#base';
import { count } from '#ip';
import { parseIpam, resolveScope } from '#ipam';
import type { EventSubject } from '#kube';
import { nadSource, resolveNad } from '#networks';
import { type PoolSize, poolText } from './pool-size.ts';

const SCOPE_ANNOTATION = 'underlane.io/scope';

/** The Whereabouts ranges of all networks. One that several of them name is there once; one that cannot be read is not. */
export function rangeSizes(nads: readonly NetworkAttachmentDefinition[]): readonly PoolSize[] {
  const sizes = new Map<string, PoolSize>();
  for (const nad of nads) {
    for (const size of sizesOf(nad)) {
      const text = poolText(size.key);
      const known = sizes.get(text);
      sizes.set(text, known === undefined ? size : { ...known, subjects: [...known.subjects, ...size.subjects] });
    }
  }
  return [...sizes.values()];
}

function sizesOf(nad: NetworkAttachmentDefinition): readonly PoolSize[] {
  const { namespace, name, uid, annotations } = nad.metadata;
  const kind = NETWORK_ATTACHMENT_DEFINITIONS.kind;
  const subject: EventSubject = {
    ...{ kind, name },
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  };
  const scope = annotations?.[SCOPE_ANNOTATION];
  try {
    const { name: networkName, plugins } = resolveNad(nad);
    return plugins.flatMap(({ ipam }) => {
      if (!isJsonObject(ipam) || ipam['type'] !== 'whereabouts') return [];
      const source = nadSource(nad);
      const config = parseIpam(ipam, { networkName, source, ...(scope === undefined ? {} : { scope }) });
      if (config.dialect !== 'whereabouts') return [];
      // As the views call it: a scope that does not follow from the network's name stands before it.
      const own = resolveScope({ networkName: textOf(ipam['network_name']), source });
      return config.pools.map(pool => ({
        key: {
          ...pool.ref,
          name: pool.scope === own ? pool.ref.name : `${pool.scope}-${pool.ref.name}`,
          family: pool.family,
        },
        size: count(pool.usable),
        subjects: [subject],
      }));
    });
  } catch (error) {
    if (error instanceof UnderlaneError) return [];
    throw error;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
