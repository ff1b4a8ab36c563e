import { NETWORK_ATTACHMENT_DEFINITIONS, type NetworkAttachmentDefinition } from '#api';
import { rangesOfDefinition } from '#attach';
import { count, type IntervalSet, normalise, toPrefix } from '#ip';
import type { EventSubject } from '#kube';
import { placeIn } from '../views/whereabouts/pool-place.ts';
import { type PoolSize, poolText } from './pool-size.ts';

/**
 * The Whereabouts ranges of all networks, by the IPPool that shows them: an address that several of them hand out is there
 * once. A range that cannot be read is not.
 */
export function rangeSizes(nads: readonly NetworkAttachmentDefinition[]): readonly PoolSize[] {
  const pools = new Map<string, Range>();
  for (const nad of nads) {
    for (const own of rangesOf(nad)) {
      const text = poolText(own.key);
      const known = pools.get(text);
      pools.set(text, known === undefined ? own : merge(known, own));
    }
  }
  return [...pools.values()].map(({ usable, ...size }) => ({ ...size, size: count(usable) }));
}

interface Range extends Omit<PoolSize, 'size'> {
  readonly usable: IntervalSet;
}

function merge(a: Range, b: Range): Range {
  return { ...a, usable: normalise([...a.usable, ...b.usable]), subjects: [...a.subjects, ...b.subjects] };
}

function rangesOf(nad: NetworkAttachmentDefinition): readonly Range[] {
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
    return { key, usable, subjects: [subject] };
  });
}
