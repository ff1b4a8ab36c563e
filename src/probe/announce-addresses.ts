import { type Clock, codeOf } from '#base';
import { parseIp } from '#ip';
import { findLink, type LinkFact, openRouteSocket } from '#netlink';
import { type NetNamespace, openNamespaceIfThere } from '#netns';
import { protocolOf } from './address-protocol.ts';
import { awaitCarrier } from './await-carrier.ts';
import { openPacketSender, type PacketSender } from './packet-socket.ts';

/** Addresses of a pod's interface, without prefix lengths. */
export interface Announcement {
  readonly dev: string;
  readonly addresses: readonly string[];
}

/** Any of the three may be lost; one a second is what RFC 4861, section 7.2.6, allows. */
const ROUNDS = 3;
const ROUND_MS = 1000;
/** A port that a cable is plugged into only later announces itself (`arp_notify`). */
const CARRIER_LIMIT_MS = 30_000;

/**
 * Tells the neighbours of a pod three times that its addresses are at its MACs now, once its links have carrier: caches
 * that remember a former pod's MAC take up the new one. Ends without a word when the namespace or a link has gone.
 * @param netns path of the pod's namespace
 * @throws SysError, NetnsError, NetlinkError; the signal's reason
 */
export async function announceAddresses(
  netns: string,
  announcements: readonly Announcement[],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  using ns = openNamespaceIfThere(netns);
  if (ns === undefined) return;
  const frames = framesOf(ns, announcements);
  if (frames.length === 0) return;
  await awaitCarrier(ns, [...new Set(frames.map(({ ifindex }) => ifindex))], CARRIER_LIMIT_MS, signal);
  const sender = openPacketSender(ns);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      if (round > 0) await clock.sleep(ROUND_MS, signal);
      for (const { ifindex, frame } of frames) sendIfThere(sender, ifindex, frame);
    }
  } finally {
    sender.close();
  }
}

interface PlacedFrame {
  readonly ifindex: number;
  readonly frame: Buffer;
}

function framesOf(ns: NetNamespace, announcements: readonly Announcement[]): readonly PlacedFrame[] {
  using socket = openRouteSocket(ns);
  return announcements.flatMap(({ dev, addresses }) => {
    const link = findLink(socket, dev);
    if (link?.mac === undefined || !hasNeighbours(link)) return [];
    const { ifindex, mac } = link;
    return addresses.map(parseIp).map(address => {
      return { ifindex, frame: protocolOf(address.family).announcement(mac, address) };
    });
  });
}

/** Whether anybody on the link looks for MACs: an ipvlan that routes has no link layer of its own. */
function hasNeighbours({ isLoopback, kind, ipvlanMode }: LinkFact): boolean {
  return !isLoopback && (kind !== 'ipvlan' || ipvlanMode === 'l2');
}

/** ENXIO, ENODEV: the link has gone. ENETDOWN: somebody has set it down. The pod may do with its links as it likes. */
const GONE_CODES: readonly string[] = ['ENXIO', 'ENODEV', 'ENETDOWN'];

function sendIfThere(sender: PacketSender, ifindex: number, frame: Buffer): void {
  try {
    sender.send(ifindex, frame);
  } catch (error) {
    if (!GONE_CODES.includes(codeOf(error))) throw error;
  }
}
