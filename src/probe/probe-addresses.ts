import { parseIp } from '#ip';
import type { NetNamespace } from '#netns';
import { protocolOf } from './address-protocol.ts';
import { askLink } from './ask-link.ts';
import { claimantOf, holderOf } from './hear.ts';
import { type LinkEar, openLinkEar } from './link-ear.ts';

/** An address that is about to be used on a link that is up and does not have it yet. */
export interface ProbeTarget {
  /** Where the link is. May be disposed when all is answered. */
  readonly ns: NetNamespace;
  readonly ifindex: number;
  readonly mac: string;
  /** Without prefix length. */
  readonly address: string;
  /** Whether somebody else may have the address is asked. */
  readonly hasConflictProbe: boolean;
  /** Whether this next hop answers is asked. */
  readonly gateway?: string;
}

export interface ProbeOutcome {
  /** MAC of somebody else who has the address. */
  readonly heldBy?: string;
  /** Nobody answered for the gateway, however often we asked. */
  readonly isGatewaySilent?: true;
}

/** Two questions, and nobody is believed to be silent before the window is over. */
const CONFLICT = { sendsMs: [0, 100], windowMs: 200 };
/** A switch may be slow to learn of a new port: silence is asked again, for two seconds with what went before. */
const GATEWAY = { sendsMs: [0, 100, 300, 600, 1000], windowMs: 1800 };

/**
 * Asks all links at once, ARP for IPv4 and neighbour discovery for IPv6, as nobody yet: no cache learns of us by it, and
 * nobody's traffic is drawn away. A gateway that does not answer nobody is asked again in the address's own name, once it
 * is known to be free.
 * @returns one outcome a target, in order
 * @throws SysError, NetnsError; the signal's reason
 */
export async function probeAddresses(
  targets: readonly ProbeTarget[],
  signal: AbortSignal,
): Promise<readonly ProbeOutcome[]> {
  const ears = new Map<string, LinkEar>();
  const cancel = new AbortController();
  const ending = AbortSignal.any([signal, cancel.signal]);
  try {
    const asked = targets.map(target => ({ target, ear: earOf(target, targets, ears) }));
    return await Promise.all(asked.map(({ target, ear }) => probe(target, ear, ending)));
  } finally {
    cancel.abort();
    for (const ear of ears.values()) ear.close();
  }
}

/** One for all targets of a link and family. */
function earOf(target: ProbeTarget, targets: readonly ProbeTarget[], ears: Map<string, LinkEar>): LinkEar {
  const key = keyOf(target);
  const known = ears.get(key);
  if (known !== undefined) return known;
  const { ns, ifindex, address } = target;
  const addresses = targets.filter(other => keyOf(other) === key).map(other => parseIp(other.address));
  const ear = openLinkEar(ns, ifindex, parseIp(address).family, addresses);
  ears.set(key, ear);
  return ear;
}

function keyOf({ ns, ifindex, address }: ProbeTarget): string {
  return `${ns.inode} ${ifindex} ${parseIp(address).family}`;
}

async function probe(target: ProbeTarget, ear: LinkEar, signal: AbortSignal): Promise<ProbeOutcome> {
  const { mac, hasConflictProbe } = target;
  const address = parseIp(target.address);
  const gateway = target.gateway === undefined ? undefined : parseIp(target.gateway);
  const isThere = (frame: Buffer): string | undefined => gateway && holderOf(frame, gateway);
  let seenGateway: string | undefined;
  if (hasConflictProbe) {
    const conflict = { ...CONFLICT, frame: protocolOf(address.family).probe(mac, address) };
    const answers = await Promise.all([
      askLink(ear, { ...conflict, answer: frame => claimantOf(frame, address, mac) }, signal),
      gateway &&
        askLink(ear, { ...CONFLICT, frame: protocolOf(gateway.family).probe(mac, gateway), answer: isThere }, signal),
    ]);
    if (answers[0] !== undefined) return { heldBy: answers[0] };
    seenGateway = answers[1];
  }
  if (gateway === undefined || seenGateway !== undefined) return {};
  const frame = protocolOf(gateway.family).request(mac, address, gateway);
  seenGateway = await askLink(ear, { ...GATEWAY, frame, answer: isThere }, signal);
  return seenGateway === undefined ? { isGatewaySilent: true } : {};
}
