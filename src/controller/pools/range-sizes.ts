import { NETWORK_ATTACHMENT_DEFINITIONS, type NetworkAttachmentDefinition } from '#api';
import { rangesOfDefinition } from '#attach';
import { count, toPrefix } from '#ip';
import type { EventSubject } from '#kube';
import { placeIn } from '../views/whereabouts/pool-place.ts';
import { type PoolSize, poolText } from './pool-size.ts';

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
  const { namespace, name, uid } = nad.metadata;
  const subject: EventSubject = {
    ...{ kind: NETWORK_ATTACHMENT_DEFINITIONS.kind, name },
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  };
  return rangesOfDefinition(nad).map(({ ref, scope, family, usable, prefixLength }) => {
    // As the views call it.
    const any = toPrefix({ family, value: usable[0]?.first ?? 0n }, prefixLength);
    const key = { ...ref, name: placeIn(ref.name, any, scope, undefined)?.whole ?? ref.name, family };
    return { key, size: count(usable), subjects: [subject] };
  });
}
