import type { Ip } from '#ip';
import {
  BROADCAST,
  ETH_P_ARP,
  ETHERNET_HEADER_SIZE,
  NO_MAC,
  newFrame,
  readIpAt,
  readMacAt,
  writeIp,
  writeMac,
} from './frame.ts';

/**
 * What an ARP packet says about IPv4 on Ethernet (RFC 826).
 *
 *     0       2       4      5      6    8           14          18          24          28
 *     | hrd=1 | pro   | hln=6| pln=4| op | sender MAC | sender IP | target MAC | target IP |
 */
export interface ArpPacket {
  readonly operation: 'request' | 'reply';
  readonly senderMac: string;
  /** 0.0.0.0 in a probe. */
  readonly senderIp: Ip;
  readonly targetIp: Ip;
}

const ARP_SIZE = 28;
const ARPHRD_ETHER = 1;
const ETH_P_IP = 0x0800;
const ARPOP_REQUEST = 1;
const ARPOP_REPLY = 2;

const NOBODY: Ip = { family: 4, value: 0n };

/** "Does anybody have this address?", which leaves no trace in anybody's cache (RFC 5227, section 2.1.1). */
export function arpProbe(mac: string, address: Ip): Buffer {
  return arpRequest(mac, NOBODY, address);
}

/** "Who has this address? Tell `sender`", for everybody on the link. */
export function arpRequest(mac: string, sender: Ip, target: Ip): Buffer {
  const frame = newFrame(BROADCAST, mac, ETH_P_ARP, ARP_SIZE);
  const body = frame.subarray(ETHERNET_HEADER_SIZE);
  body.writeUInt16BE(ARPHRD_ETHER, 0);
  body.writeUInt16BE(ETH_P_IP, 2);
  body.writeUInt8(6, 4);
  body.writeUInt8(4, 5);
  body.writeUInt16BE(ARPOP_REQUEST, 6);
  writeMac(body, 8, mac);
  writeIp(body, 14, sender);
  writeMac(body, 18, NO_MAC);
  writeIp(body, 24, target);
  return frame;
}

/** "I have this address", said to everybody: a gratuitous request, which all caches take up (RFC 5227, section 2.3). */
export function arpAnnouncement(mac: string, address: Ip): Buffer {
  return arpRequest(mac, address, address);
}

/** Reads a frame; undefined when it is no ARP packet about IPv4 on Ethernet. */
export function readArp(frame: Buffer): ArpPacket | undefined {
  if (frame.length < ETHERNET_HEADER_SIZE + ARP_SIZE || frame.readUInt16BE(12) !== ETH_P_ARP) return undefined;
  const body = frame.subarray(ETHERNET_HEADER_SIZE);
  const isIpv4 = body.readUInt16BE(2) === ETH_P_IP && body.readUInt8(4) === 6 && body.readUInt8(5) === 4;
  const operation = body.readUInt16BE(6);
  if (!isIpv4 || (operation !== ARPOP_REQUEST && operation !== ARPOP_REPLY)) return undefined;
  return {
    operation: operation === ARPOP_REQUEST ? 'request' : 'reply',
    senderMac: readMacAt(body, 8),
    senderIp: readIpAt(body, 14, 4),
    targetIp: readIpAt(body, 24, 4),
  };
}
