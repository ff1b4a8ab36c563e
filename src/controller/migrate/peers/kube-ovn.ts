import { KUBE_OVN_IPS, KUBE_OVN_SUBNETS, type KubeOvnIP } from '#api';
import { findIp } from '#ip';
import { loadKubeOvnObjects } from '#ipam';
import {
  describe,
  type ForeignRecord,
  type ForeignState,
  listIfAny,
  type Peer,
  toForeignObject,
} from '../foreign-record.ts';

/** The old name is the one that versions before 1.13 used. */
const FINALIZERS = ['kubeovn.io/kube-ovn-controller', 'kube-ovn-controller'];

/** IPs of Subnets from which other CNIs' interfaces get their addresses. OVN's own networks are more than addresses. */
export const KUBE_OVN: Peer = {
  name: 'kube-ovn',
  images: /^kube-ovn(-.*)?$/,
  async read(client, signal): Promise<ForeignState> {
    const [ips, subnets] = await Promise.all([
      listIfAny(client, KUBE_OVN_IPS, signal),
      listIfAny(client, KUBE_OVN_SUBNETS, signal),
    ]);
    const { isOvnProvider } = await loadKubeOvnObjects();
    const ours = subnets.filter(({ spec }) => !isOvnProvider(spec.provider));
    const names = new Set(ours.map(({ metadata }) => metadata.name));
    const read = ips.filter(({ spec }) => names.has(spec.subnet)).map(readIP);
    return {
      records: read.flatMap(({ records }) => records),
      objects: [
        ...ips
          .filter(({ spec }) => names.has(spec.subnet))
          .map(ip => toForeignObject(KUBE_OVN_IPS, ip, { view: true, finalizers: FINALIZERS })),
        ...ours.map(subnet => toForeignObject(KUBE_OVN_SUBNETS, subnet, { view: false, finalizers: FINALIZERS })),
      ],
      problems: read.flatMap(({ problem }) => problem ?? []),
    };
  },
};

/** The records of one IP: an address of each family. Pure. */
export function readIP(ip: KubeOvnIP): { readonly records: readonly ForeignRecord[]; readonly problem?: string } {
  const object = toForeignObject(KUBE_OVN_IPS, ip, { view: true, finalizers: FINALIZERS });
  if (object.takeOver === undefined) return { records: [] };
  const { namespace, podName } = ip.spec;
  // Versions differ in which of them they fill in.
  const byFamily = [ip.spec.v4IpAddress, ip.spec.v6IpAddress].filter(Boolean);
  const texts = byFamily.length > 0 ? byFamily : splitList(ip.spec.ipAddress);
  const records: ForeignRecord[] = [];
  for (const text of texts) {
    const found = findIp(text.trim());
    if (found === undefined) return { records, problem: `${describe(object)}: "${text}" is no address` };
    records.push({ ip: found, object, pod: { namespace, name: podName }, interface: undefined });
  }
  return { records };
}

function splitList(text: string | undefined): readonly string[] {
  return (text ?? '').split(',').filter(part => part !== '');
}
