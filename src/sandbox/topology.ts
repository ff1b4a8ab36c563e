/** The sandbox's wires and addresses: two nodes and an outsider on one LAN, and a second LAN for additional NICs. */
export interface Topology {
  readonly lan: Lan;
  readonly secondLan: Lan;
  readonly nodes: readonly NodeSpec[];
  readonly outsider: { readonly name: string; readonly address: string };
  /** All pod networks of all nodes. */
  readonly clusterCidr: string;
  readonly serviceCidr: string;
  readonly apiPort: number;
  /** Where a node answers for itself, as kube-proxy's health port does. */
  readonly nodePort: number;
}

export interface Lan {
  readonly bridge: string;
  readonly mac: string;
  /** Of the bridge itself, which is the gateway. */
  readonly address: string;
  readonly prefixLength: number;
  /** Name of the NIC that each member has on this LAN. */
  readonly nic: string;
}

export interface NodeSpec {
  readonly name: string;
  readonly address: string;
  readonly secondAddress: string;
  readonly podCidr: string;
}

export const topology: Topology = {
  // The bridges' MACs are fixed: a bridge otherwise takes over the lowest of its ports' as they come and go.
  lan: { bridge: 'lan', mac: '02:00:ac:12:00:01', address: '172.18.0.1', prefixLength: 16, nic: 'enp4s0f0np0' },
  secondLan: { bridge: 'lan2', mac: '02:00:0a:c8:00:01', address: '10.200.0.1', prefixLength: 16, nic: 'eth1' },
  nodes: [
    { name: 'n1', address: '172.18.0.2', secondAddress: '10.200.0.2', podCidr: '10.244.1.0/24' },
    { name: 'n2', address: '172.18.0.3', secondAddress: '10.200.0.3', podCidr: '10.244.2.0/24' },
  ],
  outsider: { name: 'ext', address: '172.18.0.100' },
  clusterCidr: '10.244.0.0/16',
  serviceCidr: '172.96.0.0/18',
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
