import type { KubeClient } from '#kube';
import { NODES, type Node } from '../resources.ts';
import { listFamilies, type NodeSpec, type Topology } from '../topology.ts';

/** Puts the node's object on the API server, Ready: from here on the scheduler uses it. */
export async function registerNode(client: KubeClient, topology: Topology, node: NodeSpec): Promise<void> {
  const podCIDRs = listFamilies(topology, node.podCidr);
  const [podCIDR = ''] = podCIDRs;
  const now = new Date().toISOString();
  const object: Node = {
    metadata: { name: node.name, labels: { 'kubernetes.io/hostname': node.name, 'kubernetes.io/os': 'linux' } },
    spec: { podCIDR, podCIDRs },
  };
  await client.create(NODES, object);
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  };
  const addresses = [
    ...listFamilies(topology, node.address).map(address => ({ type: 'InternalIP', address })),
    { type: 'Hostname', address: node.name },
  ];
  const status = { addresses, conditions: [ready], nodeInfo: { kubeletVersion: 'sandbox', osImage: 'sandbox' } };
  await client.mergePatch(NODES, object.metadata, { status }, { subresource: 'status' });
}
