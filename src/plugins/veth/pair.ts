import type { Facts } from '#facts';
import type { LinkItem } from '#wiring';
import { PlanError } from '../errors.ts';
import { plannedMac } from '../planned-mac.ts';
import type { AttachmentSpec } from '../plugin.ts';

/** Name of every pod's own end. */
export const POD_END = 'veth0';

/** As much of the container's ID as fits behind `veth` in a name of 15 bytes. */
const ID_LENGTH = 11;

/** The pod's private wire to its node. */
export interface VethPair {
  readonly hostEnd: string;
  readonly hostMac: string;
  readonly podMac: string;
}

/** Whether an earlier attachment of the pod has made the pair. */
export function hasPair(facts: Facts): boolean {
  return facts.pod.links.some(link => link.name === POD_END);
}

/** The pair to be made, under its final names and MACs. */
export function newPair(attachment: AttachmentSpec): VethPair {
  return {
    hostEnd: hostEndName(attachment.containerId),
    hostMac: plannedMac(attachment, 'veth host end'),
    podMac: plannedMac(attachment, 'veth pod end'),
  };
}

/**
 * The pair that is there.
 * @throws PlanError INTERFACE_MISSING when the host's end is gone, INTERFACE_TAKEN when `veth0` is something else
 */
export function existingPair(attachment: AttachmentSpec, facts: Facts): VethPair {
  const hostEnd = hostEndName(attachment.containerId);
  const pod = facts.pod.links.find(link => link.name === POD_END);
  const host = facts.host.links.find(link => link.name === hostEnd);
  if (pod?.kind !== 'veth' || pod.mac === undefined) {
    throw new PlanError(
      'INTERFACE_TAKEN',
      `Cannot plan veth on "${attachment.ifname}": "${POD_END}" in the pod is a ${pod?.kind ?? 'physical'} link, expected a veth made for the pod, or none`,
    );
  }
  if (host?.mac === undefined) {
    throw new PlanError(
      'INTERFACE_MISSING',
      `Cannot plan veth on "${attachment.ifname}": the host has no "${hostEnd}", the other end of the pod's "${POD_END}", expected both ends or none`,
    );
  }
  return { hostEnd, hostMac: host.mac, podMac: pod.mac };
}

/** Both ends as one item: the host's name is what stays known when the pod's namespace is gone. */
export function pairItem(pair: VethPair, mtu: number): LinkItem {
  return {
    kind: 'link',
    place: 'host',
    name: pair.hostEnd,
    link: { type: 'veth', peer: { place: 'pod', name: POD_END, mac: pair.podMac, mtu, isUp: true } },
    mac: pair.hostMac,
    mtu,
    isUp: true,
  };
}

function hostEndName(containerId: string): string {
  return `veth${containerId.slice(0, ID_LENGTH)}`;
}
