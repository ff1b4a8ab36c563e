import {
  KUBE_OVN_FINALIZERS,
  KUBE_OVN_IP_POOLS,
  KUBE_OVN_IPS,
  KUBE_OVN_SUBNETS,
  type KubeOvnIP,
  type KubeOvnSubnet,
  PODS,
  type Pod,
} from '#api';
import { findIp, formatIp } from '#ip';
import { loadKubeOvnObjects } from '#ipam';
import {
  describe,
  type ForeignObject,
  type ForeignRecord,
  type ForeignState,
  listIfAny,
  type Peer,
  toForeignObject,
} from '../foreign-record.ts';

/** IPs of Subnets from which other CNIs' interfaces get their addresses. OVN's own networks are more than addresses. */
export const KUBE_OVN: Peer = {
  name: 'kube-ovn',
  images: /^kube-ovn(-.*)?$/,
  async read(client, signal): Promise<ForeignState> {
    const [ips, subnets, ipPools, pods] = await Promise.all([
      listIfAny(client, KUBE_OVN_IPS, signal),
      listIfAny(client, KUBE_OVN_SUBNETS, signal),
      listIfAny(client, KUBE_OVN_IP_POOLS, signal),
      client.list<Pod>(PODS, { metadataOnly: true }, { signal }),
    ]);
    const { isOvnProvider } = await loadKubeOvnObjects();
    const ours = subnets.filter(({ spec }) => !isOvnProvider(spec.provider));
    const names = new Set(ours.map(({ metadata }) => metadata.name));
    const read = ips.filter(({ spec }) => names.has(spec.subnet)).map(readIP);
    const records = read.flatMap(pool => pool.records);
    const known = new Set(records.map(({ ip }) => formatIp(ip)));
    const annotated = pods.items
      .flatMap(pod => readAnnotations(pod, ours))
      .filter(({ ip }) => !known.has(formatIp(ip)));
    return {
      records: [...records, ...annotated],
      objects: [
        ...ips
          .filter(({ spec }) => names.has(spec.subnet))
          .map(ip => toForeignObject(KUBE_OVN_IPS, ip, { view: true, finalizers: KUBE_OVN_FINALIZERS })),
        ...ipPools
          .filter(({ spec }) => names.has(spec.subnet))
          .map(pool => toForeignObject(KUBE_OVN_IP_POOLS, pool, { view: false, finalizers: KUBE_OVN_FINALIZERS })),
        ...ours.map(toSubnet),
      ],
      problems: read.flatMap(({ problem }) => problem ?? []),
    };
  },
};

/** The records of one IP: an address of each family. Pure. */
export function readIP(ip: KubeOvnIP): { readonly records: readonly ForeignRecord[]; readonly problem?: string } {
  const object = toForeignObject(KUBE_OVN_IPS, ip, { view: true, finalizers: KUBE_OVN_FINALIZERS });
  if (object.takeOver === undefined) return { records: [] };
  const { namespace, podName } = ip.spec;
  // Versions differ in which of them they fill in.
  const byFamily = [ip.spec.v4IpAddress, ip.spec.v6IpAddress].flatMap(text => text || []);
  const texts = byFamily.length > 0 ? byFamily : splitList(ip.spec.ipAddress);
  const records: ForeignRecord[] = [];
  for (const text of texts) {
    const found = findIp(text.trim());
    if (found === undefined) return { records, problem: `${describe(object)}: "${text}" is no address` };
    records.push({ ip: found, object, pod: { namespace, name: podName }, interface: undefined });
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
      return ip === undefined ? [] : [{ ip, object: toSubnet(subnet), pod, interface: undefined }];
    });
  });
}

function toSubnet(subnet: KubeOvnSubnet): ForeignObject {
  return toForeignObject(KUBE_OVN_SUBNETS, subnet, { view: false, finalizers: KUBE_OVN_FINALIZERS });
}

function splitList(text: string | undefined): readonly string[] {
  return (text ?? '').split(',').filter(part => part !== '');
}
