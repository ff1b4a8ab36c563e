import { isDeepStrictEqual } from 'node:util';
import { type IPAllocation, KUBE_OVN_IPS, type KubeOvnIP } from '#api';
import { compareMade } from '../compare-made.ts';
import { VIEW_LABELS } from '../ours.ts';
import type { Seen, View, ViewChange } from '../view.ts';
import { type ClaimIndex, networkKey } from './claim-index.ts';
import { addressesOf, type ClaimPlace, placeOf } from './claim-place.ts';

/**
 * IPs: the addresses of each interface of a pod, or of a virtual machine. One is named `<pod>.<namespace>.<provider>`, with the
 * interface behind it where the pod has several of one network.
 */
export function kubeOvnIPView(byNetwork: ClaimIndex): View<KubeOvnIP> {
  return {
    resource: KUBE_OVN_IPS,
    namesOf(claim) {
      const place = placeOf(claim);
      return place === undefined ? [] : [plainName(place), ownName(place)].filter(isName).map(name => ({ name }));
    },
    compare: seen => compareIP(seen, claim => byNetwork.of(networkKey(claim) ?? '')),
    follow(touch, signal) {
      // The name of one interface depends on whether there are others.
      const touchAll = (keys: readonly string[]): void => {
        for (const claim of keys.flatMap(key => byNetwork.of(key))) {
          const place = placeOf(claim);
          if (place === undefined) continue;
          for (const name of [plainName(place), ownName(place)].filter(isName)) touch({ name });
        }
      };
      byNetwork.subscribe(touchAll, signal);
    },
  };
}

/** What is missing in an IP. @param siblingsOf claims of all interfaces that the claim's pod has of its network */
export function compareIP(
  seen: Seen<KubeOvnIP>,
  siblingsOf: (claim: IPAllocation) => readonly IPAllocation[],
): ViewChange<KubeOvnIP> {
  const shown = seen.claims.filter(claim => {
    const place = placeOf(claim);
    const interfaces = new Set(siblingsOf(claim).map(({ spec }) => spec.owner.interface));
    return place !== undefined && (interfaces.size > 1 ? ownName(place) : plainName(place)) === seen.name.name;
  });
  const [claim] = shown;
  const place = claim === undefined ? undefined : placeOf(claim);
  if (claim === undefined || place === undefined) return compareMade(seen, undefined);
  const { v4, v6, both } = addressesOf(shown);
  const spec: KubeOvnIP['spec'] = {
    podName: place.holder,
    namespace: place.namespace,
    nodeName: claim.spec.node,
    subnet: place.subnet,
    ipAddress: both,
    attachIps: [],
    attachMacs: [],
    attachSubnets: [],
    ...filled({ v4IpAddress: v4, v6IpAddress: v6, podType: podTypeOf(claim) }),
  };
  const labels = labelsOf(place.subnet, claim.spec.node);
  return compareMade(seen, {
    create: metadata => ({ metadata: { ...metadata, labels }, spec }),
    patch(object) {
      const old = object.metadata.labels ?? {};
      // A Subnet's label is its name.
      const gone = object.spec.subnet === place.subnet ? {} : { [object.spec.subnet]: null };
      const isLabelled = Object.entries(labels).every(([key, value]) => old[key] === value);
      // What it has no more.
      const left = VARYING.filter(field => spec[field] === undefined && (object.spec[field] ?? '') !== '');
      const isSame = left.length === 0 && isDeepStrictEqual({ ...object.spec, ...spec }, object.spec);
      if (isLabelled && isSame) return undefined;
      const absent = Object.fromEntries(left.map(field => [field, null]));
      return { metadata: { labels: { ...gone, ...labels } }, spec: { ...spec, ...absent } };
    },
  });
}

/** What an IP may have or not. */
const VARYING = ['v4IpAddress', 'v6IpAddress', 'podType', 'macAddress'] as const;

function filled(fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== ''));
}

function podTypeOf({ spec: { owner } }: IPAllocation): string {
  if (owner.workload === undefined) return '';
  return owner.workload.kind === 'StatefulSet' ? 'StatefulSet' : 'VirtualMachine';
}

function labelsOf(subnet: string, node: string): Readonly<Record<string, string>> {
  return {
    ...VIEW_LABELS,
    // Labels stop at 63 characters, names do not.
    ...(subnet.length > LABEL_LIMIT ? {} : { 'ovn.kubernetes.io/subnet': subnet, [subnet]: '' }),
    ...(node.length > LABEL_LIMIT ? {} : { 'ovn.kubernetes.io/node-name': node }),
    'ovn.kubernetes.io/ip_reserved': 'false',
  };
}

const LABEL_LIMIT = 63;

function plainName({ holder, namespace, provider }: ClaimPlace): string {
  return `${holder}.${namespace}.${provider}`;
}

function ownName(place: ClaimPlace): string {
  return `${plainName(place)}.${place.interface}`;
}

/** Interfaces may be called what no object can be. */
function isName(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name);
}
