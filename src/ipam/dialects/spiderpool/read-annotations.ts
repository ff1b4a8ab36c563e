import type { KubeObject } from '#api';
import { IpamError } from '../../errors.ts';
import {
  type Annotation,
  IP_NUMBER_ANNOTATION,
  IPPOOL_ANNOTATION,
  IPPOOLS_ANNOTATION,
  NAMESPACE_POOLS_ANNOTATIONS,
  type NamesByFamily,
  parseInterfaces,
  parseIppool,
  parseNames,
  parseSubnet,
  RECLAIM_ANNOTATION,
  ROUTES_ANNOTATION,
  SUBNET_ANNOTATION,
  SUBNETS_ANNOTATION,
} from './annotations.ts';
import { parseIpNumber, parseReclaim } from './auto-pools/pool-settings.ts';
import { parseSubnets } from './parse-subnets.ts';
import { parseRoutes } from './routes.ts';
import { compileWildcard } from './wildcard.ts';

/** What an object's annotations say, as far as that can be told without a cluster. */
export interface AnnotationReading {
  /** Each a sentence by itself. */
  readonly problems: readonly { readonly key: string; readonly message: string }[];
  readonly names: readonly NamedPool[];
}

/** A pool or subnet that an annotation names. */
export interface NamedPool {
  readonly key: string;
  readonly kind: 'SpiderIPPool' | 'SpiderSubnet';
  /** Names may be patterns. */
  readonly name: string;
  means(name: string): boolean;
}

/**
 * Reads all annotations of the dialect on something that is, or makes, a pod, or on a namespace.
 * @param holder names the object in messages: `Deployment "shop/web"`
 */
export function readAnnotations(
  annotations: NonNullable<KubeObject['metadata']['annotations']>,
  holder: string,
): AnnotationReading {
  const problems: { readonly key: string; readonly message: string }[] = [];
  const names: NamedPool[] = [];
  const note = (key: string, kind: NamedPool['kind'], list: readonly string[]): void => {
    for (const name of list) {
      const means = compileWildcard(name) ?? (other => other === name);
      names.push({ key, kind, name, means });
    }
  };
  const noteAll = (key: string, kind: NamedPool['kind'], byFamily: NamesByFamily): void => {
    for (const family of [4, 6] as const) note(key, kind, byFamily[family]);
  };
  const read = (key: string, parse: (annotation: Annotation) => void): void => {
    const text = annotations[key];
    if (text === undefined || text === '') return;
    try {
      parse({ key, text, holder });
    } catch (error) {
      if (!(error instanceof IpamError)) throw error;
      problems.push({ key, message: error.message });
    }
  };
  read(IPPOOL_ANNOTATION, annotation => noteAll(annotation.key, 'SpiderIPPool', parseIppool(annotation)));
  read(IPPOOLS_ANNOTATION, annotation => {
    for (const entry of parseInterfaces(annotation)) noteAll(annotation.key, 'SpiderIPPool', entry.names);
  });
  read(SUBNET_ANNOTATION, annotation => noteAll(annotation.key, 'SpiderSubnet', parseSubnet(annotation).names));
  read(SUBNETS_ANNOTATION, annotation => {
    for (const entry of parseSubnets(annotation)) noteAll(annotation.key, 'SpiderSubnet', entry.names);
  });
  for (const key of Object.values(NAMESPACE_POOLS_ANNOTATIONS)) {
    read(key, annotation => note(key, 'SpiderIPPool', parseNames(annotation)));
  }
  read(ROUTES_ANNOTATION, parseRoutes);
  read(IP_NUMBER_ANNOTATION, parseIpNumber);
  read(RECLAIM_ANNOTATION, parseReclaim);
  return { problems, names };
}
