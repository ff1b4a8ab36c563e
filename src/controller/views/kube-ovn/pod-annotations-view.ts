import {
  type IPAllocation,
  isKubeOvns,
  type KubeOvnSubnet,
  type NetworkAttachmentDefinition,
  PODS,
  type Pod,
  stateOf,
} from '#api';
import { formatIp, formatPrefix } from '#ip';
import { loadKubeOvnObjects } from '#ipam';
import type { WatchCache } from '#kube';
import type { View, ViewChange } from '../view.ts';
import { addressesOf, placeOf } from './claim-place.ts';
import { askedMacs, isAllocated, leftInstances, providersOf } from './left-annotations.ts';
import type { KubeOvnSources } from './subnet-status-view.ts';

type Objects = Awaited<ReturnType<typeof loadKubeOvnObjects>>;

/** What pods' annotations are made from beside the claims. */
export interface AnnotationSources extends KubeOvnSources {
  readonly pods: WatchCache<Pod>;
  readonly nads: Pick<WatchCache<NetworkAttachmentDefinition>, 'list' | 'ready'>;
}

/**
 * Annotations of pods: address, network and gateway of each interface, the MAC address that its network selection asks for, and the
 * virtual machine that it is of, as Kube-OVN's controller writes them. One patch a pod.
 */
export function kubeOvnPodView({ pods, nads, subnets }: AnnotationSources): View<Pod> {
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
      const objects = await loadKubeOvnObjects();
      // Whoever has not been taken over has perhaps left what a pod has in its annotations alone.
      const isTakenOver = !subnets.list().some(isKubeOvns);
      const providers = isTakenOver ? providersOf(nads.list()) : new Set<string>();
      return compareAnnotations(object, own, name => subnets.find({ name }), providers, objects);
    },
  };
}

const KEYS = ['ip_address', 'mac_address', 'cidr', 'gateway', 'allocated', 'virtualmachine'] as const;
/** What goes with the interface: of a MAC address nobody knows whether somebody asked for it there. */
const LEAVING = KEYS.filter(key => key !== 'mac_address');

/** What is missing in a pod's annotations. @param providers those whose annotations are ours to take away */
export function compareAnnotations(
  pod: Pod,
  claims: readonly IPAllocation[],
  findSubnet: (name: string) => KubeOvnSubnet | undefined,
  providers: ReadonlySet<string>,
  objects: Pick<Objects, 'readKubeOvnSubnet' | 'instanceOf' | 'resultsOf' | 'RESULTS_ANNOTATION'>,
): ViewChange<Pod> {
  const { annotations = {} } = pod.metadata;
  const wanted = new Map<string, string>();
  const macs = askedMacs(pod);
  const results = new Set(objects.resultsOf(annotations));
  for (const [instance, own] of byInstance(claims, objects)) {
    const { both } = addressesOf(own);
    const subnet = findSubnet(own[0]?.spec.pool.name ?? '');
    const { cidr, gateway } = subnet === undefined ? NOTHING : networkOf(subnet, both, objects);
    const place = own[0] === undefined ? undefined : placeOf(own[0]);
    const mac_address = macs.get(place?.interface ?? '');
    const virtualmachine = place?.isMachine === true ? place.holder : undefined;
    // Where nobody has written one, it is no wish when the pod asks again.
    if ((annotations[`${instance}.kubernetes.io/ip_address`] ?? '') === '') results.add(instance);
    const values = { ip_address: both, mac_address, cidr, gateway, allocated: 'true', virtualmachine };
    for (const key of KEYS) if (values[key] !== undefined) wanted.set(`${instance}.kubernetes.io/${key}`, values[key]);
  }
  const claimed = new Set(claims.flatMap(claim => placeOf(claim)?.provider ?? []));
  const left = leftInstances(pod, claimed, providers).filter(
    instance => !wanted.has(`${instance}.kubernetes.io/allocated`),
  );
  const gone = left.flatMap(instance => LEAVING.map(key => `${instance}.kubernetes.io/${key}`));
  for (const instance of left) results.delete(instance);
  if (results.size > 0) wanted.set(objects.RESULTS_ANNOTATION, [...results].toSorted().join(','));
  else gone.push(objects.RESULTS_ANNOTATION);
  const changed = [
    ...[...wanted].filter(([key, value]) => annotations[key] !== value),
    ...gone.filter(key => annotations[key] !== undefined).map((key): [string, null] => [key, null]),
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
