import type { Family, Ip } from '#ip';
import { arpAnnouncement, arpProbe, arpRequest, readArp } from './arp-packet.ts';
import { ETH_P_ARP, ETH_P_IPV6 } from './frame.ts';
import {
  groupMac,
  neighbourAnnouncement,
  neighbourProbe,
  neighbourRequest,
  readNeighbour,
  solicitedNode,
} from './neighbour-packet.ts';

/** How neighbours of one family ask each other about addresses: ARP, or neighbour discovery. */
export interface AddressProtocol {
  readonly etherType: number;
  /** MACs of the groups in which others speak of these addresses. */
  groupsOf(addresses: readonly Ip[]): readonly string[];
  /** "Does anybody have this address?", as nobody yet. */
  probe(mac: string, address: Ip): Buffer;
  /** "Who has `target`? Tell `sender`". */
  request(mac: string, sender: Ip, target: Ip): Buffer;
  /** "I have this address", said to everybody. */
  announcement(mac: string, address: Ip): Buffer;
  /** What a frame says; undefined when it is none of this protocol. */
  read(frame: Buffer): Statement | undefined;
}

/** What somebody says of an address. */
export interface Statement {
  readonly mac: string;
  /** One that he has, or is just about to take. */
  readonly address: Ip;
  /** He says that he has it, as whoever asks by ARP does too. */
  readonly isAnswer: boolean;
}

/** Everybody's answer to a probe for duplicates. */
const ALL_NODES_MAC = '33:33:00:00:00:01';

const PROTOCOLS: Readonly<Record<Family, AddressProtocol>> = {
  4: {
    etherType: ETH_P_ARP,
    groupsOf: () => [],
    probe: arpProbe,
    request: arpRequest,
    announcement: arpAnnouncement,
    read: readArpStatement,
  },
  6: {
    etherType: ETH_P_IPV6,
    groupsOf: addresses => [ALL_NODES_MAC, ...addresses.map(address => groupMac(solicitedNode(address)))],
    probe: neighbourProbe,
    request: neighbourRequest,
    announcement: neighbourAnnouncement,
    read: readNeighbourStatement,
  },
};

export function protocolOf(family: Family): AddressProtocol {
  return PROTOCOLS[family];
}

/** A request from nobody asks for what it is about to take; whoever else sends a packet has his address. */
function readArpStatement(frame: Buffer): Statement | undefined {
  const packet = readArp(frame);
  if (packet === undefined) return undefined;
  const { operation, senderMac, senderIp, targetIp } = packet;
  const isProbe = operation === 'request' && senderIp.value === 0n;
  return { mac: senderMac, address: isProbe ? targetIp : senderIp, isAnswer: !isProbe };
}

/** A solicitation asks about its target, unless it comes from nobody: then it is about to take it. */
function readNeighbourStatement(frame: Buffer): Statement | undefined {
  const packet = readNeighbour(frame);
  if (packet === undefined) return undefined;
  const { kind, source, target, mac } = packet;
  const isAnswer = kind === 'advertisement';
  return { mac, address: isAnswer || source.value === 0n ? target : source, isAnswer };
}
