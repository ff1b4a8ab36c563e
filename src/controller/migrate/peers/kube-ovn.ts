import {
  isKubeOvns,
  KUBE_OVN_FINALIZERS,
  KUBE_OVN_IP_POOLS,
  KUBE_OVN_IPS,
  KUBE_OVN_SUBNETS,
  type KubeObject,
  type KubeOvnIP,
  type KubeOvnSubnet,
  type Pod,
  type Resource,
} from '#api';
import { contains, findIp, formatIp } from '#ip';
import { loadKubeOvnObjects } from '#ipam';
import { describe, type ForeignObject, toForeignObject } from '../foreign-object.ts';
import type { ForeignRecord } from '../foreign-record.ts';
import type { Peer, Reading } from '../peer.ts';

/** IPs of Subnets from which other CNIs' interfaces get their addresses. OVN's own networks are more than addresses. */
export const KUBE_OVN: Peer = {
  name: 'kube-ovn',
  images: /^kube-ovn(-.*)?$/,
  keepsForStatefulSets: true,
  async read({ list, pods }) {
    const [ips, subnets, ipPools] = await Promise.all([
      list(KUBE_OVN_IPS),
      list(KUBE_OVN_SUBNETS),
      list(KUBE_OVN_IP_POOLS),
    ]);
    const reader = await loadKubeOvnObjects();
    const ours = subnets.filter(({ spec }) => !reader.isOvnProvider(spec.provider));
    const names = new Set(ours.map(({ metadata }) => metadata.name));
    const ownIps = ips.filter(({ spec }) => names.has(spec.subnet));
    const ownIpPools = ipPools.filter(({ spec }) => names.has(spec.subnet));
    const readings = ownIps.map(readIP);
    const known = new Set(readings.flatMap(({ records }) => records.map(({ ip }) => formatIp(ip))));
    // Once they are taken over, what annotations say is a view.
    const kept = ours.filter(isKubeOvns);
    const annotated = pods
      .flatMap(pod => readAnnotations(pod, kept, reader))
      .filter(({ ip }) => !known.has(formatIp(ip)));
    return {
      readings: [...readings, { records: annotated }],
      objects: [
        ...ownIps.map(ip => toObject(KUBE_OVN_IPS, ip)),
        ...ownIpPools.map(pool => toObject(KUBE_OVN_IP_POOLS, pool)),
        ...ours.map(subnet => toObject(KUBE_OVN_SUBNETS, subnet)),
      ],
    };
  },
};

/** The records of one IP: an address of each family. Pure. */
export function readIP(ip: KubeOvnIP): Reading {
  const object = toObject(KUBE_OVN_IPS, ip);
  if (object.takeOver === undefined) return { records: [] };
  const { namespace, podName, nodeName } = ip.spec;
  // Versions differ in which of them they fill in.
  const byFamily = [ip.spec.v4IpAddress, ip.spec.v6IpAddress].flatMap(text => text || []);
  const texts = byFamily.length > 0 ? byFamily : splitList(ip.spec.ipAddress);
  const records: ForeignRecord[] = [];
  for (const text of texts) {
    const found = findIp(text.trim());
    if (found === undefined) return { records, problem: `${describe(object)}: "${text}" is no address` };
    records.push({
      ip: found,
      object,
      pod: { namespace, name: podName },
      interface: undefined,
      ...(nodeName === '' ? {} : { node: nodeName }),
    });
  }
  return { records };
}

/** What is read of Subnets. */
type SubnetReader = Pick<Awaited<ReturnType<typeof loadKubeOvnObjects>>, 'isOvnProvider' | 'readKubeOvnSubnet'>;

/**
 * Addresses that only a pod's annotations name: its IP was deleted, or its version made none. Kube-OVN names the Subnet there for
 * OVN networks only: of which one another network's address is follows from the provider and the address. Pure.
 */
export function readAnnotations(
  { metadata }: Pod,
  subnets: readonly KubeOvnSubnet[],
  { isOvnProvider, readKubeOvnSubnet }: SubnetReader,
): readonly ForeignRecord[] {
  const { annotations = {}, namespace = 'default', name, uid } = metadata;
  const pod = { namespace, name, ...(uid === undefined ? {} : { uid }) };
  const instances = Object.keys(annotations).flatMap(key => {
    const instance = key.endsWith(ALLOCATED) ? key.slice(0, -ALLOCATED.length) : '';
    return annotations[key] !== 'true' || isOvnProvider(instance) ? [] : [instance];
  });
  return instances.flatMap(instance =>
    splitList(annotations[`${instance}.kubernetes.io/ip_address`]).flatMap(text => {
      const ip = findIp(text.trim());
      const subnet = subnets.find(
        candidate =>
          isOfProvider(instance, candidate) &&
          readKubeOvnSubnet(candidate).networks.some(({ prefix }) => ip !== undefined && contains(prefix, ip)),
      );
      if (ip === undefined || subnet === undefined) return [];
      return [{ ip, object: toObject(KUBE_OVN_SUBNETS, subnet), pod, interface: interfaceOf(instance, subnet) }];
    }),
  );
}

const ALLOCATED = '.kubernetes.io/allocated';

/** Of several interfaces that a pod has of one network each is named behind the provider. */
function isOfProvider(instance: string, subnet: KubeOvnSubnet): boolean {
  return instance === subnet.spec.provider || interfaceOf(instance, subnet) !== undefined;
}

function interfaceOf(instance: string, { spec: { provider } }: KubeOvnSubnet): string | undefined {
  const rest = instance.startsWith(`${provider}.`) ? instance.slice(`${provider}.`.length) : '';
  return rest === '' || rest.includes('.') ? undefined : rest;
}

function toObject(resource: Resource, object: KubeObject): ForeignObject {
  return toForeignObject(resource, object, {
    view: resource.kind === KUBE_OVN_IPS.kind,
    finalizers: KUBE_OVN_FINALIZERS,
  });
}

function splitList(text: string | undefined): readonly string[] {
  return (text ?? '').split(',').filter(part => part !== '');
}
