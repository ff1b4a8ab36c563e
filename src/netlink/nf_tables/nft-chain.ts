import { type Attribute, forEachAttribute, nested, readText, text, u32be } from '../attribute.ts';
import { NLM_F_CREATE } from '../message.ts';
import type { NftFamily } from '../nft-family.ts';
import type { NftBase, NftChain } from './nft-fact.ts';
import {
  decodeFamily,
  NFGENMSG_SIZE,
  NFT_HOOKS,
  NFT_MSG_DELCHAIN,
  NFT_MSG_GETCHAIN,
  NFT_MSG_NEWCHAIN,
  type NftChange,
  NLM_F_NONREC,
  nftChange,
  nftRequest,
} from './nft-message.ts';
import type { NftSocket } from './nft-socket.ts';

const NFTA_CHAIN_TABLE = 1;
const NFTA_CHAIN_NAME = 3;
const NFTA_CHAIN_HOOK = 4;
const NFTA_CHAIN_POLICY = 5;
const NFTA_CHAIN_TYPE = 7;
const NFTA_HOOK_HOOKNUM = 1;
const NFTA_HOOK_PRIORITY = 2;

const TYPES: readonly NftBase['type'][] = ['filter', 'nat', 'route'];
/** NF_DROP and NF_ACCEPT. */
const POLICIES: readonly NftBase['policy'][] = ['drop', 'accept'];

/**
 * Makes a chain; the very same one that is there is taken as it is.
 * Same as: `nft add chain FAMILY TABLE NAME { type TYPE hook HOOK priority PRIORITY; policy POLICY; }`
 */
export function addChain({ family, table, name, base }: NftChain): NftChange {
  const attributes = [
    text(NFTA_CHAIN_TABLE, table),
    text(NFTA_CHAIN_NAME, name),
    ...(base === undefined ? [] : encodeBase(base)),
  ];
  return nftChange(`add chain "${family} ${table} ${name}"`, NFT_MSG_NEWCHAIN, family, attributes, NLM_F_CREATE);
}

/** Deletes a chain without rules, else EBUSY. Same as: `nft delete chain FAMILY TABLE NAME` for an empty one */
export function deleteChain({ family, table, name }: NftChain): NftChange {
  const attributes = [text(NFTA_CHAIN_TABLE, table), text(NFTA_CHAIN_NAME, name)];
  return nftChange(`delete chain "${family} ${table} ${name}"`, NFT_MSG_DELCHAIN, family, attributes, NLM_F_NONREC);
}

/** The chains of a family; those whose hook or type {@link NftBase} cannot tell are left out. Same as: `nft list chains FAMILY` */
export function listChains(socket: NftSocket, family: NftFamily): NftChain[] {
  return socket.dump(nftRequest(NFT_MSG_GETCHAIN, family, []), `list chains of family ${family}`, decodeChain);
}

function encodeBase({ type, hook, priority, policy }: NftBase): readonly Attribute[] {
  const place = [
    u32be(NFTA_HOOK_HOOKNUM, NFT_HOOKS.indexOf(hook)),
    // Signed in the kernel.
    u32be(NFTA_HOOK_PRIORITY, priority >>> 0),
  ];
  return [
    nested(NFTA_CHAIN_HOOK, place),
    u32be(NFTA_CHAIN_POLICY, POLICIES.indexOf(policy)),
    text(NFTA_CHAIN_TYPE, type),
  ];
}

function decodeChain(buffer: Buffer, start: number, end: number): NftChain | undefined {
  const family = decodeFamily(buffer, start);
  let [table, name, type, policy] = ['', '', '', 1];
  let place: { readonly hook: number; readonly priority: number } | undefined;
  forEachAttribute(buffer, start + NFGENMSG_SIZE, end, (attribute, from, to) => {
    if (attribute === NFTA_CHAIN_TABLE) table = readText(buffer, from, to);
    else if (attribute === NFTA_CHAIN_NAME) name = readText(buffer, from, to);
    else if (attribute === NFTA_CHAIN_TYPE) type = readText(buffer, from, to);
    else if (attribute === NFTA_CHAIN_POLICY) policy = buffer.readUInt32BE(from);
    else if (attribute === NFTA_CHAIN_HOOK) place = decodePlace(buffer, from, to);
  });
  if (family === undefined) return undefined;
  if (place === undefined) return { family, table, name };
  const base = toBase(type, place.hook, place.priority, policy);
  return base && { family, table, name, base };
}

function decodePlace(buffer: Buffer, start: number, end: number) {
  let [hook, priority] = [0, 0];
  forEachAttribute(buffer, start, end, (attribute, from) => {
    if (attribute === NFTA_HOOK_HOOKNUM) hook = buffer.readUInt32BE(from);
    else if (attribute === NFTA_HOOK_PRIORITY) priority = buffer.readInt32BE(from);
  });
  return { hook, priority };
}

function toBase(typeName: string, hookNumber: number, priority: number, policyNumber: number): NftBase | undefined {
  const type = TYPES.find(each => each === typeName);
  const hook = NFT_HOOKS[hookNumber];
  const policy = POLICIES[policyNumber];
  if (type === undefined || hook === undefined || policy === undefined) return undefined;
  return { type, hook, priority, policy };
}
