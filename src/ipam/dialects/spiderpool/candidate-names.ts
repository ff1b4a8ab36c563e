import type { KubeObject, Pod } from '#api';
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
  parseInterfaces,
  parseIppool,
  parseNames,
  parseSubnet,
  SUBNET_ANNOTATION,
  SUBNETS_ANNOTATION,
} from './annotations.ts';

/** The pools that are to be asked, and who said so. */
export type CandidateNames =
  /** Pools that are made from these subnets for the pod's controller. */
  | { readonly level: 'subnet'; readonly names: NamesByFamily }
  /** Names and wildcards. */
  | { readonly level: 'pod' | 'namespace' | 'config'; readonly names: NamesByFamily; readonly cleanGateway?: boolean }
  /** Pools with `spec.default`. */
  | { readonly level: 'default' };

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
    const entries = parseInterfaces(several);
    refuseSharedSubnets(entries, several);
    return { level: 'subnet', names: firstOfEach(entryOf(entries, source, several).names) };
  }
  const one = annotationOf(source.pod, SUBNET_ANNOTATION, 'pod');
  const entry = one === undefined ? undefined : parseSubnet(one);
  if (entry === undefined || entry.interface !== source.interface.name) return undefined;
  return { level: 'subnet', names: firstOfEach(entry.names) };
}

function ofPod(source: CandidateSource): CandidateNames | undefined {
  const several = annotationOf(source.pod, IPPOOLS_ANNOTATION, 'pod');
  if (several !== undefined) {
    const { names, cleanGateway } = entryOf(parseInterfaces(several), source, several);
    return { level: 'pod', names, ...(cleanGateway === undefined ? {} : { cleanGateway }) };
  }
  const one = annotationOf(source.pod, IPPOOL_ANNOTATION, 'pod');
  return one === undefined ? undefined : { level: 'pod', names: parseIppool(one) };
}

function ofNamespace(namespace: KubeObject | undefined): CandidateNames | undefined {
  const [v4, v6] = ([4, 6] as const).map(family => {
    const annotation = annotationOf(namespace, NAMESPACE_POOLS_ANNOTATIONS[family], 'namespace');
    return annotation === undefined ? [] : parseNames(annotation);
  });
  return named('namespace', { 4: v4 ?? [], 6: v6 ?? [] });
}

function ofConfig({ defaultPools }: CandidateSource['config']): CandidateNames | undefined {
  return named('config', defaultPools);
}

function named(level: 'namespace' | 'config', names: NamesByFamily): CandidateNames | undefined {
  return names[4].length + names[6].length === 0 ? undefined : { level, names };
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
  const has = isNamed ? entries.map(({ interface: name }) => name).join(', ') : `${entries.length} items without names`;
  throw new IpamError(
    'BAD_ANNOTATION',
    `Cannot use annotation ${key} of ${holder}: it is for ${has}, expected an item for interface ${own.name} too`,
    { details: { annotation: key, interface: own.name } },
  );
}

function refuseSharedSubnets(entries: readonly InterfaceNames[], { key, holder }: Annotation): void {
  const seen = new Set<string>();
  for (const { names } of entries.map(entry => ({ names: firstOfEach(entry.names) }))) {
    for (const name of [...names[4], ...names[6]]) {
      if (!seen.has(name)) seen.add(name);
      else {
        throw new IpamError(
          'BAD_ANNOTATION',
          `Cannot use annotation ${key} of ${holder}: SpiderSubnet "${name}" is named for two interfaces, expected another subnet for each`,
          { details: { annotation: key } },
        );
      }
    }
  }
}

/** Only the first subnet of a family makes a pool. */
function firstOfEach(names: NamesByFamily): NamesByFamily {
  return { 4: names[4].slice(0, 1), 6: names[6].slice(0, 1) };
}
