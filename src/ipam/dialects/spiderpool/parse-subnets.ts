import { IpamError } from '../../errors.ts';
import { type Annotation, type InterfaceNames, type NamesByFamily, nameOf, parseInterfaces } from './annotations.ts';

/**
 * Reads `ipam.spidernet.io/subnets`. Each interface has subnets of its own: whoever writes a workload could have a pool made for
 * every name that he thinks of otherwise.
 * @throws IpamError BAD_ANNOTATION
 */
export function parseSubnets(annotation: Annotation): readonly InterfaceNames[] {
  const entries = parseInterfaces(annotation).map(entry => ({ ...entry, names: firstOfEach(entry.names) }));
  const seen = new Set<string>();
  for (const name of entries.flatMap(({ names }) => [...names[4], ...names[6]])) {
    if (!seen.has(name)) seen.add(name);
    else {
      throw new IpamError(
        'BAD_ANNOTATION',
        `Cannot use ${nameOf(annotation)}: SpiderSubnet "${name}" is named for two interfaces, expected another subnet for each`,
        { details: { annotation: annotation.key } },
      );
    }
  }
  return entries;
}

/** Only the first subnet of a family makes a pool. */
export function firstOfEach(names: NamesByFamily): NamesByFamily {
  return { 4: names[4].slice(0, 1), 6: names[6].slice(0, 1) };
}
