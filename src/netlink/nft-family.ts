import { closeSync, readSync, writeSync } from 'node:fs';
import { codeOf } from '#base';
import { setsockoptSync, socketSync } from '#sys';
import { text } from './attribute.ts';
import { NetlinkError, toKernelError, toSocketError } from './errors.ts';
import {
  decodeOutcome,
  encodeMessage,
  forEachMessage,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLMSG_ERROR,
  type Outcome,
} from './message.ts';
import { AF_NETLINK, NETLINK_NETFILTER, RECEIVE_SIZE } from './route-socket.ts';

/** Families of nftables tables, with the kernel's numbers (NFPROTO_*). */
export const NFT_FAMILIES = { inet: 1, ip: 2, ip6: 10, bridge: 7 } as const;

export type NftFamily = keyof typeof NFT_FAMILIES;

const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;

const NFNL_MSG_BATCH_BEGIN = 0x10;
const NFNL_SUBSYS_NFTABLES = 10;
const NFT_MSG_NEWTABLE = NFNL_SUBSYS_NFTABLES << 8;
const NFTA_TABLE_NAME = 1;
const TABLE_SEQUENCE = 2;

/**
 * Which families of nftables tables the kernel has, loading nf_tables if it is a module. Makes nothing.
 * Same as: `nft --check add table FAMILY underlane-probe`.
 *
 * @throws NetlinkError EPERM
 */
export function readNftFamilies(): Readonly<Record<NftFamily, boolean>> {
  return { inet: hasFamily('inet'), ip: hasFamily('ip'), ip6: hasFamily('ip6'), bridge: hasFamily('bridge') };
}

function hasFamily(family: NftFamily): boolean {
  const action = `look for nftables family "${family}"`;
  const errno = askForTable(NFT_FAMILIES[family], action);
  if (errno === undefined) return false;
  if (errno === 0) return true;
  const error = toKernelError(action, errno);
  if (error.code === 'EPERM') throw error;
  return false;
}

/** @returns the kernel's answer, undefined where it has no nfnetlink at all */
function askForTable(family: number, action: string): number | undefined {
  let fd: number;
  try {
    fd = socketSync(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  } catch (error) {
    if (codeOf(error) === 'EPROTONOSUPPORT') return undefined;
    throw toSocketError(action, error);
  }
  try {
    setsockoptSync(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
    writeSync(fd, unfinishedBatch(family));
    return readErrno(fd, action);
  } catch (error) {
    throw toSocketError(action, error);
  } finally {
    closeSync(fd);
  }
}

/** The kernel checks each message of a batch and, since its end never comes, does none of it. */
function unfinishedBatch(family: number): Buffer {
  const begin = { type: NFNL_MSG_BATCH_BEGIN, header: Uint8Array.of(0, 0, 0, NFNL_SUBSYS_NFTABLES), attributes: [] };
  const table = {
    type: NFT_MSG_NEWTABLE,
    flags: NLM_F_CREATE | NLM_F_ACK,
    header: Uint8Array.of(family, 0, 0, 0),
    attributes: [text(NFTA_TABLE_NAME, 'underlane-probe')],
  };
  return Buffer.concat([encodeMessage(begin, 1), encodeMessage(table, TABLE_SEQUENCE)]);
}

/** Without nf_tables the batch itself is refused; else the table's message is answered. */
function readErrno(fd: number, action: string): number {
  const buffer = Buffer.alloc(RECEIVE_SIZE);
  let outcome: Outcome | undefined;
  forEachMessage(buffer, readSync(fd, buffer), message => {
    if (message.type === NLMSG_ERROR) outcome ??= decodeOutcome(buffer, message);
  });
  if (outcome === undefined) throw new NetlinkError(action, 'ENOMSG', 'the kernel gave no answer');
  return outcome.errno;
}
