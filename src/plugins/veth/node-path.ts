import type { Family, NsFacts } from '#facts';
import { nodeAddresses, sourceFor } from '#facts';
import { PlanError } from '../errors.ts';
import type { PodIp } from '../result-ips.ts';

/** How a pod reaches its node, and by which of its addresses it is reached. */
export interface NodePath {
  /** The pod's addresses on this interface, bare, in the order of the result. */
  readonly podIps: readonly PodIp[];
  /** The node's own addresses of the pod's families: what the pod reaches over the veth. */
  readonly nodeIps: readonly PodIp[];
  /** By family: the address by which the node talks to the pod, which is the pod's gateway to the node. */
  readonly gateways: ReadonlyMap<Family, string>;
}

/**
 * Finds the node's addresses: those from which the host would send to the pod, then all others of its own.
 * @throws PlanError NO_HOST_PATH when the host has no route to an address of the pod, or has it itself
 */
export function findNodePath(ifname: string, podIps: readonly PodIp[], host: NsFacts): NodePath {
  const gateways = new Map<Family, string>();
  const nodeIps = new Map<string, PodIp>();
  for (const { family, address } of podIps) {
    const source = sourceFor(host, address);
    if (source === undefined) {
      throw new PlanError(
        'NO_HOST_PATH',
        `Cannot plan veth on "${ifname}": the host has no route to ${address}, the pod's address, expected an address of the host in its subnet, or a default route`,
        { details: { address } },
      );
    }
    if (source.src === address) {
      throw new PlanError(
        'NO_HOST_PATH',
        `Cannot plan veth on "${ifname}": ${address}, the pod's address, is one of the host's own, expected an address that nobody else has`,
        { details: { address } },
      );
    }
    if (!gateways.has(family)) gateways.set(family, source.src);
    nodeIps.set(source.src, { family, address: source.src });
  }
  for (const family of gateways.keys()) {
    for (const address of nodeAddresses(host, family)) nodeIps.set(address, { family, address });
  }
  return { podIps, nodeIps: [...nodeIps.values()], gateways };
}
