import type { Family, PerFamily } from './family.ts';

/** The sandbox's wires and addresses: two nodes and an outsider on one LAN, and a second LAN for additional NICs. */
export interface Topology {
  /** Of what is written for both, what there is: the primary family first. */
  readonly families: readonly Family[];
  readonly lan: Lan;
  readonly secondLan: Lan;
  readonly nodes: readonly NodeSpec[];
  readonly outsider: { readonly name: string; readonly address: PerFamily };
  /** All pod networks of all nodes. */
  readonly clusterCidr: PerFamily;
  readonly serviceCidr: PerFamily;
  readonly apiPort: number;
  /** Where a node answers for itself, as kube-proxy's health port does. */
  readonly nodePort: number;
}

export interface Lan {
  readonly bridge: string;
  readonly mac: string;
  /** Of the bridge itself, which is the gateway. */
  readonly address: PerFamily;
  readonly prefixLength: PerFamily<number>;
  /** Name of the NIC that each member has on this LAN. */
  readonly nic: string;
}

export interface NodeSpec {
  readonly name: string;
  readonly address: PerFamily;
  readonly secondAddress: PerFamily;
  readonly podCidr: PerFamily;
}

const PREFIX_LENGTH = { IPv4: 16, IPv6: 64 };

export const topology: Topology = {
  families: ['IPv4', 'IPv6'],
  // The bridges' MACs are fixed: a bridge otherwise takes over the lowest of its ports' as they come and go.
  lan: {
    bridge: 'lan',
    mac: '02:00:ac:12:00:01',
    address: { IPv4: '172.18.0.1', IPv6: 'fd00:172:18::1' },
    prefixLength: PREFIX_LENGTH,
    nic: 'enp4s0f0np0',
  },
  secondLan: {
    bridge: 'lan2',
    mac: '02:00:0a:c8:00:01',
    address: { IPv4: '10.200.0.1', IPv6: 'fd00:10:200::1' },
    prefixLength: PREFIX_LENGTH,
    nic: 'eth1',
  },
  nodes: [
    {
      name: 'n1',
      address: { IPv4: '172.18.0.2', IPv6: 'fd00:172:18::2' },
      secondAddress: { IPv4: '10.200.0.2', IPv6: 'fd00:10:200::2' },
      podCidr: { IPv4: '10.244.1.0/24', IPv6: 'fd00:10:244::1:0/112' },
    },
    {
      name: 'n2',
      address: { IPv4: '172.18.0.3', IPv6: 'fd00:172:18::3' },
      secondAddress: { IPv4: '10.200.0.3', IPv6: 'fd00:10:200::3' },
      podCidr: { IPv4: '10.244.2.0/24', IPv6: 'fd00:10:244::2:0/112' },
    },
  ],
  outsider: { name: 'ext', address: { IPv4: '172.18.0.100', IPv6: 'fd00:172:18::100' } },
  clusterCidr: { IPv4: '10.244.0.0/16', IPv6: 'fd00:10:244::/96' },
  serviceCidr: { IPv4: '172.96.0.0/18', IPv6: '2001:4860:fd00::/108' },
  apiPort: 6443,
  nodePort: 10256,
};

/** @throws RangeError for a node that the sandbox does not have: a caller's mistake */
export function getNodeSpec(name: string): NodeSpec {
  const node = topology.nodes.find(spec => spec.name === name);
  if (node === undefined)
    throw new RangeError(`Cannot find node "${name}": the sandbox has ${topology.nodes.map(n => n.name).join(', ')}`);
  return node;
}

/** What there is of each family that the sandbox has, the primary one first. */
export function listFamilies<T>({ families }: Topology, values: PerFamily<T>): readonly T[] {
  return families.map(family => values[family]);
}
