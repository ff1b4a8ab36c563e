import { type IPAllocation, type KubeOvnSubnet, type NetworkAttachmentDefinition, PODS, type Pod, stateOf } from '#api';
import { isJsonObject, UnderlaneError } from '#base';
import { formatIp, formatPrefix } from '#ip';
import { loadKubeOvnObjects } from '#ipam';
import type { WatchCache } from '#kube';
import { resolveNad } from '#networks';
import type { View, ViewChange } from '../view.ts';
import { addressesOf, placeOf } from './claim-place.ts';
import type { KubeOvnSources } from './subnet-status-view.ts';

type Objects = Awaited<ReturnType<typeof loadKubeOvnObjects>>;

/** What pods' annotations are made from beside the claims. */
export interface AnnotationSources extends KubeOvnSources {
  readonly pods: WatchCache<Pod>;
  readonly nads: Pick<WatchCache<NetworkAttachmentDefinition>, 'list' | 'ready'>;
}

/** Annotations of pods: address, network and gateway of each interface, as Kube-OVN's controller writes them. One patch a pod. */
export function kubeOvnPodView({ pods, nads, subnets, isForeign }: AnnotationSources): View<Pod> {
  return {
    resource: PODS,
    objects: pods,
    namesOf(claim) {
      const place = placeOf(claim);
      return place === undefined ? [] : [{ namespace: place.namespace, name: place.pod }];
    },
    ready: signal => Promise.all([subnets.ready(signal), nads.ready(signal)]),
    async compare({ object, claims }) {
      if (object === undefined || stateOf(object) !== 'live') return { kind: 'none' };
      const own = claims.filter(({ spec }) => spec.owner.podUid === object.metadata.uid);
      // Nearly all pods of a cluster.
      if (own.length === 0 && !Object.keys(object.metadata.annotations ?? {}).some(isAllocated))
        return { kind: 'none' };
      if (await isForeign()) return { kind: 'foreign' };
      const objects = await loadKubeOvnObjects();
      return compareAnnotations(object, own, name => subnets.find({ name }), providersOf(nads.list()), objects);
    },
  };
}

const KEYS = ['ip_address', 'cidr', 'gateway', 'allocated'] as const;

/** What is missing in a pod's annotations. @param providers those whose annotations are ours to take away */
export function compareAnnotations(
  { metadata: { annotations = {} } }: Pod,
  claims: readonly IPAllocation[],
  findSubnet: (name: string) => KubeOvnSubnet | undefined,
  providers: ReadonlySet<string>,
  objects: Pick<Objects, 'readKubeOvnSubnet' | 'instanceOf'>,
): ViewChange<Pod> {
  const wanted = new Map<string, string>();
  for (const [instance, own] of byInstance(claims, objects)) {
    const { both } = addressesOf(own);
    const subnet = findSubnet(own[0]?.spec.pool.name ?? '');
    const { cidr, gateway } = subnet === undefined ? NOTHING : networkOf(subnet, both, objects);
    const values = { ip_address: both, cidr, gateway, allocated: 'true' };
    for (const key of KEYS) if (values[key] !== undefined) wanted.set(`${instance}.kubernetes.io/${key}`, values[key]);
  }
  const left = Object.keys(annotations)
    .filter(isAllocated)
    .map(key => key.slice(0, -ALLOCATED.length))
    .filter(instance => !wanted.has(`${instance}${ALLOCATED}`) && isOneOf(instance, providers))
    .flatMap(instance => KEYS.map(key => `${instance}.kubernetes.io/${key}`));
  const changed = [
    ...[...wanted].filter(([key, value]) => annotations[key] !== value),
    ...left.filter(key => annotations[key] !== undefined).map((key): [string, null] => [key, null]),
  ];
  if (changed.length === 0) return { kind: 'none' };
  return { kind: 'patch', body: { metadata: { annotations: Object.fromEntries(changed) } } };
}

const NOTHING: { readonly cidr?: string; readonly gateway?: string } = {};

/** Claims by what their interface is called in annotations. */
function byInstance(
  claims: readonly IPAllocation[],
  { instanceOf }: Pick<Objects, 'instanceOf'>,
): ReadonlyMap<string, readonly IPAllocation[]> {
  const found = new Map<string, IPAllocation[]>();
  for (const claim of claims) {
    const place = placeOf(claim);
    if (place === undefined) continue;
    const isAlone = claims.every(other => {
      const theirs = placeOf(other);
      return theirs?.provider !== place.provider || theirs.interface === place.interface;
    });
    const instance = isAlone ? place.provider : instanceOf(place.provider, place.interface);
    found.set(instance, [...(found.get(instance) ?? []), claim]);
  }
  return found;
}

/** Network and gateway of the families that the interface has. */
function networkOf(
  subnet: KubeOvnSubnet,
  addresses: string,
  { readKubeOvnSubnet }: Pick<Objects, 'readKubeOvnSubnet'>,
): { readonly cidr?: string; readonly gateway?: string } {
  const families = addresses.split(',').map(text => (text.includes(':') ? 6 : 4));
  const networks = readKubeOvnSubnet(subnet).networks.filter(({ family }) => families.includes(family));
  if (networks.length === 0) return {};
  return {
    cidr: networks.map(({ prefix }) => formatPrefix(prefix)).join(','),
    gateway: networks.map(({ family, gateway }) => formatIp({ family, value: gateway })).join(','),
  };
}

const ALLOCATED = '.kubernetes.io/allocated';

function isAllocated(key: string): boolean {
  return key.endsWith(ALLOCATED);
}

/** Whether it is a provider, or one of several interfaces of its. */
function isOneOf(instance: string, providers: ReadonlySet<string>): boolean {
  return providers.has(instance) || providers.has(instance.slice(0, Math.max(0, instance.lastIndexOf('.'))));
}

/** The networks whose addresses come from Subnets. What cannot be read is nobody's. */
function providersOf(nads: readonly NetworkAttachmentDefinition[]): ReadonlySet<string> {
  const own = nads.filter(nad => {
    if (!nad.spec?.config?.includes('kube-ovn')) return false;
    try {
      return resolveNad(nad).plugins.some(({ ipam }) => isJsonObject(ipam) && ipam['type'] === 'kube-ovn');
    } catch (error) {
      if (error instanceof UnderlaneError) return false;
      throw error;
    }
  });
  return new Set(own.map(({ metadata }) => `${metadata.name}.${metadata.namespace}`));
}
