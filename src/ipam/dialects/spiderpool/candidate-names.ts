import type { KubeObject, Pod } from '#api';
import type { Family } from '#ip';
import type { SpiderpoolIpam } from '../../config/ipam-config.ts';
import { IpamError } from '../../errors.ts';
import type { PodInterface } from '../../wishes/wishes.ts';
import {
  type Annotation,
  annotationOf,
  type InterfaceNames,
  IPPOOL_ANNOTATION,
  IPPOOLS_ANNOTATION,
  NAMESPACE_POOLS_ANNOTATIONS,
  type NamesByFamily,
  nameOf,
  parseInterfaces,
  parseIppool,
  parseNames,
  parseSubnet,
  SUBNET_ANNOTATION,
  SUBNETS_ANNOTATION,
} from './annotations.ts';
import { firstOfEach, parseSubnets } from './parse-subnets.ts';
import { someOf } from './some-of.ts';

/** The pools that are to be asked, and who said so. */
export type CandidateNames =
  /** Pools that are made from these subnets for the pod's controller. */
  | (Named & { readonly level: 'subnet' })
  /** Names and wildcards. */
  | (Named & { readonly level: 'pod' | 'namespace' | 'config'; readonly cleanGateway?: boolean })
  /** Pools with `spec.default`. */
  | { readonly level: 'default' };

interface Named {
  readonly names: NamesByFamily;
  /** For errors: what names those of a family. */
  readonly by: Readonly<Record<Family, string>>;
}

/** Whose interface asks. */
export interface CandidateSource {
  readonly pod: Pod | undefined;
  readonly namespace: KubeObject | undefined;
  readonly config: Pick<SpiderpoolIpam, 'defaultPools'>;
  readonly interface: PodInterface;
  /** All of the pod's, in order. */
  readonly interfaces: readonly PodInterface[];
}

/**
 * The first level that says anything decides alone, even where it names one family only: subnets, `ippools`, `ippool`, the
 * namespace, the configuration, the default pools.
 * @throws IpamError BAD_ANNOTATION
 */
export function candidateNames(source: CandidateSource): CandidateNames {
  return (
    ofSubnets(source) ??
    ofPod(source) ??
    ofNamespace(source.namespace) ??
    ofConfig(source.config) ?? { level: 'default' }
  );
}

function ofSubnets(source: CandidateSource): CandidateNames | undefined {
  const several = annotationOf(source.pod, SUBNETS_ANNOTATION, 'pod');
  if (several !== undefined) {
    const { names } = entryOf(parseSubnets(several), source, several);
    return { level: 'subnet', names, by: both(nameOf(several)) };
  }
  const one = annotationOf(source.pod, SUBNET_ANNOTATION, 'pod');
  if (one === undefined) return undefined;
  const entry = parseSubnet(one);
  if (entry.interface !== source.interface.name) return undefined;
  return { level: 'subnet', names: firstOfEach(entry.names), by: both(nameOf(one)) };
}

function ofPod(source: CandidateSource): CandidateNames | undefined {
  const several = annotationOf(source.pod, IPPOOLS_ANNOTATION, 'pod');
  if (several !== undefined) {
    const { names, cleanGateway } = entryOf(parseInterfaces(several), source, several);
    return { level: 'pod', names, by: both(nameOf(several)), ...(cleanGateway === undefined ? {} : { cleanGateway }) };
  }
  const one = annotationOf(source.pod, IPPOOL_ANNOTATION, 'pod');
  return one === undefined ? undefined : { level: 'pod', names: parseIppool(one), by: both(nameOf(one)) };
}

function ofNamespace(namespace: KubeObject | undefined): CandidateNames | undefined {
  const [v4, v6] = ([4, 6] as const).map(family => {
    const annotation = annotationOf(namespace, NAMESPACE_POOLS_ANNOTATIONS[family], 'namespace');
    return annotation === undefined ? [] : parseNames(annotation);
  });
  const by = (family: Family): string =>
    nameOf({ key: NAMESPACE_POOLS_ANNOTATIONS[family], holder: `namespace "${namespace?.metadata.name}"`, text: '' });
  return named('namespace', { 4: v4 ?? [], 6: v6 ?? [] }, { 4: by(4), 6: by(6) });
}

function ofConfig({ defaultPools }: CandidateSource['config']): CandidateNames | undefined {
  const by = (family: Family): string => `default_ipv${family}_ippool of the network's configuration`;
  return named('config', defaultPools, { 4: by(4), 6: by(6) });
}

function named(level: 'namespace' | 'config', names: NamesByFamily, by: Named['by']): CandidateNames | undefined {
  return names[4].length + names[6].length === 0 ? undefined : { level, names, by };
}

function both(by: string): Named['by'] {
  return { 4: by, 6: by };
}

/** What a list says of the interface: by its name, or by its place where none has a name. */
function entryOf(
  entries: readonly InterfaceNames[],
  { interface: own, interfaces }: CandidateSource,
  { key, holder }: Annotation,
): InterfaceNames {
  const isNamed = entries[0]?.interface !== undefined;
  const position = interfaces.findIndex(({ name }) => name === own.name);
  const entry = isNamed ? entries.find(({ interface: name }) => name === own.name) : entries[position];
  if (entry !== undefined) return entry;
  const has = isNamed
    ? someOf(
        entries.map(({ interface: name = '' }) => name),
        ', ',
      )
    : `${entries.length} items without names`;
  throw new IpamError(
    'BAD_ANNOTATION',
    `Cannot use annotation ${key} of ${holder}: it is for ${has}, expected an item for interface ${own.name} too`,
    { details: { annotation: key, interface: own.name } },
  );
}
