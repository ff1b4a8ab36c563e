import type { PodInterface } from '../../wishes/wishes.ts';

/** What an annotation says, and how it is called in errors. */
export interface Annotation {
  readonly key: string;
  readonly text: string;
}

/** The annotations of a pod that are about one of its interfaces. */
export interface PodAnnotations {
  /** An empty one says nothing. */
  find(key: string): Annotation | undefined;
}

/** Whose annotations: a pod's, for one of its interfaces. */
export interface AnnotationPlace {
  readonly annotations: Readonly<Record<string, string>>;
  readonly provider: string;
  readonly interface: PodInterface;
  /** All of the pod's. */
  readonly interfaces: readonly PodInterface[];
}

/**
 * Lists, with commas, whose `ip_address` nobody has asked for: it tells what an interface got, and a pod that asks again, since its
 * address turned out to be a stranger's, may get another.
 */
export const RESULTS_ANNOTATION = 'underlane.io/kube-ovn-results';

/** The interfaces, by what they are called in annotations, whose `ip_address` is no wish. */
export function resultsOf(annotations: Readonly<Record<string, string>>): ReadonlySet<string> {
  return new Set((annotations[RESULTS_ANNOTATION] ?? '').split(',').filter(instance => instance !== ''));
}

/** What only one interface can have. */
const FOR_ONE: ReadonlySet<string> = new Set(['ip_address', 'mac_address']);

/**
 * Finds `<provider>.kubernetes.io/<key>` of an interface. Most telling first: with the interface at its end
 * (`...ip_address.net1`), then, where a pod has several interfaces of the network, with the interface in the provider
 * (`macvlan.default.net1.kubernetes.io/...`), then plain: of what only one can have, that is the first interface's.
 */
export function podAnnotations({ annotations, provider, interface: own, interfaces }: AnnotationPlace): PodAnnotations {
  const siblings = interfaces.filter(({ nad }) => nad !== undefined && nad === own.nad);
  const isFirst = siblings.length < 2 || siblings[0]?.name === own.name;
  const results = new Set([...resultsOf(annotations)].map(instance => `${instance}.kubernetes.io/ip_address`));
  return {
    find(key) {
      const keys = [
        `${provider}.kubernetes.io/${key}.${own.name}`,
        ...(siblings.length < 2 ? [] : [`${instanceOf(provider, own.name)}.kubernetes.io/${key}`]),
        ...(isFirst || !FOR_ONE.has(key) ? [`${provider}.kubernetes.io/${key}`] : []),
      ];
      for (const candidate of keys.filter(known => !results.has(known))) {
        const text = annotations[candidate]?.trim() ?? '';
        if (text !== '') return { key: candidate, text };
      }
      return undefined;
    },
  };
}

/** What a provider is called for one of several interfaces of a pod on its network. */
export function instanceOf(provider: string, ifname: string): string {
  return `${provider}.${ifname}`;
}
