import {
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
import { findIp, formatIp } from '#ip';
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
    const { isOvnProvider } = await loadKubeOvnObjects();
    const ours = subnets.filter(({ spec }) => !isOvnProvider(spec.provider));
    const names = new Set(ours.map(({ metadata }) => metadata.name));
    const ownIps = ips.filter(({ spec }) => names.has(spec.subnet));
    const ownIpPools = ipPools.filter(({ spec }) => names.has(spec.subnet));
    const readings = ownIps.map(readIP);
    const known = new Set(readings.flatMap(({ records }) => records.map(({ ip }) => formatIp(ip))));
    const annotated = pods.flatMap(pod => readAnnotations(pod, ours)).filter(({ ip }) => !known.has(formatIp(ip)));
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
  const { namespace, podName, nodeName = '' } = ip.spec;
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

/** Addresses that only a pod's annotations name: its IP was deleted, or its version made none. Pure. */
export function readAnnotations({ metadata }: Pod, subnets: readonly KubeOvnSubnet[]): readonly ForeignRecord[] {
  const { annotations = {}, namespace = 'default', name, uid } = metadata;
  return subnets.flatMap(subnet => {
    const provider = subnet.spec.provider ?? '';
    const isOfSubnet = annotations[`${provider}.kubernetes.io/logical_switch`] === subnet.metadata.name;
    if (annotations[`${provider}.kubernetes.io/allocated`] !== 'true' || !isOfSubnet) return [];
    return splitList(annotations[`${provider}.kubernetes.io/ip_address`]).flatMap(text => {
      const ip = findIp(text.trim());
      const pod = { namespace, name, ...(uid === undefined ? {} : { uid }) };
      return ip === undefined ? [] : [{ ip, object: toObject(KUBE_OVN_SUBNETS, subnet), pod, interface: undefined }];
    });
  });
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
