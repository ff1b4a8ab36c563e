import { writeFile } from 'node:fs/promises';
import type { Topology } from '../topology.ts';

/** The NICs of a node, and the families that they speak. */
type NodeNetwork = Pick<Topology, 'families'> & { readonly [key in 'lan' | 'secondLan']: Pick<Topology[key], 'nic'> };

/**
 * Sets the calling process's network namespace up as one of the nodes: what a Debian machine prepared for Kubernetes has. A new
 * namespace starts with whatever this machine uses.
 */
export async function writeNodeSysctls({ families, lan, secondLan }: NodeNetwork): Promise<void> {
  const values: Readonly<Record<string, string>> = {
    'net/ipv4/ip_forward': '1',
    'net/ipv4/conf/all/rp_filter': '0',
    'net/ipv4/conf/default/rp_filter': '2',
    ...Object.fromEntries([lan, secondLan].map(({ nic }) => [`net/ipv4/conf/${nic}/rp_filter`, '2'])),
    ...(families.includes('IPv6') ? { 'net/ipv6/conf/all/forwarding': '1' } : {}),
  };
  await Promise.all(Object.entries(values).map(([path, value]) => writeFile(`/proc/sys/${path}`, value)));
}
