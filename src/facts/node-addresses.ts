import { contains, findIp, parsePrefix } from '#ip';
import type { Family } from '#netlink';
import type { NsFacts } from './facts.ts';

/**
 * The node's own addresses of a family by which others can reach it: those on links that are not known as plumbing
 * (`docker0`, `cali...`, `veth...`), without link-local and loopback ones. In the kernel's order, each once.
 */
export function nodeAddresses(ns: NsFacts, family: Family): string[] {
  const found = new Set<string>();
  for (const { dev, address } of ns.addresses) {
    if (PLUMBING.some(pattern => pattern.test(dev))) continue;
    const text = address.slice(0, address.indexOf('/'));
    const ip = findIp(text);
    if (ip?.family === family && !UNREACHABLE.some(prefix => contains(parsePrefix(prefix), ip))) found.add(text);
  }
  return [...found];
}

/** Link-local, loopback and multicast. */
const UNREACHABLE: readonly string[] = [
  '169.254.0.0/16',
  '127.0.0.0/8',
  '224.0.0.0/4',
  'fe80::/10',
  '::1/128',
  'ff00::/8',
];

/**
 * Names of links that other software makes for its own ends, as spidernet's veth and router plugins have them; not
 * anchored where they are not, so that a bond called `mydocker0` is left out as well. Tunnels of overlays (`tunl0`,
 * `vxlan.calico`), bonds and VLANs are not in the list: their addresses are the node's.
 */
const PLUMBING: readonly RegExp[] = [
  /docker/,
  /cbr/,
  /dummy/,
  /virbr/,
  /lxcbr/,
  /veth/,
  /^lo$/,
  /^cali/,
  /flannel/,
  /kube-ipvs/,
  /cni/,
  /vx-submariner/,
  /cilium/,
];
