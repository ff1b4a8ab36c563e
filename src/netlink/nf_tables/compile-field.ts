import { NetlinkError } from '../errors.ts';
import { encodePrefix, maskHostBits } from '../ip-text.ts';
import { encodeMac } from '../mac-bytes.ts';
import type { NftFamily } from '../nft-family.ts';
import type { NftExpression, NftPayloadBase } from './nft-expression.ts';

import type { NftField, NftStatement } from './nft-statement.ts';

type Match = Extract<NftStatement, { readonly kind: 'match' }>;

/** What must be known of a packet before a field of it is read. */
export type Need = 'IPv4' | 'IPv6' | 'tcp' | 'udp';

export interface CompiledField {
  readonly need?: { readonly name: Need; readonly expressions: readonly NftExpression[] };
  readonly expressions: readonly NftExpression[];
}

/** @throws NetlinkError with code "EINVAL" */
export function compileField(family: NftFamily, match: Match): CompiledField {
  const { field, value } = match;
  switch (field) {
    case 'iifname':
    case 'oifname':
      return { expressions: [{ name: 'meta', key: field, to: REGISTER }, compare(match, interfaceName(match))] };
    case 'ip saddr':
      return compileAddress(family, match, 'IPv4', 12);
    case 'ip daddr':
      return compileAddress(family, match, 'IPv4', 16);
    case 'ip6 saddr':
      return compileAddress(family, match, 'IPv6', 8);
    case 'ip6 daddr':
      return compileAddress(family, match, 'IPv6', 24);
    case 'ether saddr':
    case 'ether daddr': {
      if (family !== 'bridge') throw unfit(match, `family bridge, got ${family}`);
      const bytes = Buffer.from(encodeMac(`match ${field}`, value));
      return { expressions: [payload('link', field === 'ether saddr' ? 6 : 0, 6), compare(match, bytes)] };
    }
    case 'meta l4proto':
      return {
        expressions: [{ name: 'meta', key: 'l4proto', to: REGISTER }, compare(match, Buffer.of(protocolOf(match)))],
      };
    case 'tcp dport':
    case 'udp dport': {
      const need = field === 'tcp dport' ? 'tcp' : 'udp';
      const look = [{ name: 'meta', key: 'l4proto', to: REGISTER } as const, equals(Buffer.of(PROTOCOLS[need]))];
      return {
        need: { name: need, expressions: look },
        expressions: [payload('transport', 2, 2), compare(match, portBytes(match))],
      };
    }
    case 'ct state':
      return { expressions: compileStates(match) };
    case 'ct direction': {
      const direction = ['original', 'reply'].indexOf(value);
      if (direction < 0) throw unfit(match, 'original or reply');
      return { expressions: [{ name: 'ct', key: 'direction', to: REGISTER }, compare(match, Buffer.of(direction))] };
    }
  }
}

const REGISTER = 1;

const PROTOCOLS = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58 } as const;

/** Bits of NF_CT_STATE_BIT(). */
const STATES = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 } as const;

/** ETH_P_IP, ETH_P_IPV6 and NFPROTO_*. */
const NETWORKS = { IPv4: { etherType: '0800', nfproto: '02' }, IPv6: { etherType: '86dd', nfproto: '0a' } } as const;

function compileAddress(family: NftFamily, match: Match, network: 'IPv4' | 'IPv6', offset: number): CompiledField {
  const prefix = maskHostBits(encodePrefix(`match ${match.field}`, match.value));
  if (`IPv${prefix.family}` !== network) throw unfit(match, network);
  const size = prefix.bytes.length;
  const mask = Buffer.alloc(size, 0xff).map((byte, index) => byte & ~(0xff >> clamp(prefix.prefixLength - index * 8)));
  const isWhole = prefix.prefixLength === size * 8;
  const cut: NftExpression = {
    name: 'bitwise',
    from: REGISTER,
    to: REGISTER,
    mask: Buffer.from(mask).toString('hex'),
    xor: '00'.repeat(size),
  };
  const expressions = [
    payload('network', offset, size),
    ...(isWhole ? [] : [cut]),
    compare(match, Buffer.from(prefix.bytes)),
  ];
  const look = lookFor(family, network, match);
  return look === undefined ? { expressions } : { need: { name: network, expressions: look }, expressions };
}

function lookFor(family: NftFamily, network: 'IPv4' | 'IPv6', match: Match): readonly NftExpression[] | undefined {
  const { etherType, nfproto } = NETWORKS[network];
  switch (family) {
    case 'inet':
      return [{ name: 'meta', key: 'nfproto', to: REGISTER }, equals(Buffer.from(nfproto, 'hex'))];
    case 'bridge':
      return [{ name: 'meta', key: 'protocol', to: REGISTER }, equals(Buffer.from(etherType, 'hex'))];
    default:
      if ((family === 'ip') !== (network === 'IPv4')) throw unfit(match, `another family than ${family}`);
      return undefined;
  }
}

function compileStates(match: Match): readonly NftExpression[] {
  const bits = match.value.split(',').map(name => {
    if (!isKey(STATES, name)) throw unfit(match, Object.keys(STATES).join(', '));
    return STATES[name];
  });
  const mask = Buffer.alloc(4);
  mask.writeUInt32LE(bits.reduce((all, bit) => all | bit, 0));
  const none = '00000000';
  return [
    { name: 'ct', key: 'state', to: REGISTER },
    { name: 'bitwise', from: REGISTER, to: REGISTER, mask: mask.toString('hex'), xor: none },
    { name: 'cmp', from: REGISTER, op: match.isNot === true ? 'eq' : 'neq', data: none },
  ];
}

function payload(base: NftPayloadBase, offset: number, length: number): NftExpression {
  return { name: 'payload', base, offset, length, to: REGISTER };
}

function compare({ isNot }: Match, data: Buffer): NftExpression {
  return { name: 'cmp', from: REGISTER, op: isNot === true ? 'neq' : 'eq', data: data.toString('hex') };
}

function equals(data: Buffer): NftExpression {
  return { name: 'cmp', from: REGISTER, op: 'eq', data: data.toString('hex') };
}

/** IFNAMSIZ bytes, padded: the whole name is compared, not its beginning. */
function interfaceName(match: Match): Buffer {
  const bytes = Buffer.alloc(16);
  if (match.value === '' || Buffer.byteLength(match.value) > 15) throw unfit(match, 'a name of 1 to 15 bytes');
  bytes.write(match.value);
  return bytes;
}

function protocolOf(match: Match): number {
  if (isKey(PROTOCOLS, match.value)) return PROTOCOLS[match.value];
  throw unfit(match, Object.keys(PROTOCOLS).join(', '));
}

function portBytes(match: Match): Buffer {
  const port = Number(match.value);
  if (!/^\d+$/.test(match.value) || port > 0xffff) throw unfit(match, 'a port from 0 to 65535');
  return Buffer.of(port >> 8, port & 0xff);
}

function isKey<Table extends object>(table: Table, name: string): name is Extract<keyof Table, string> {
  return Object.hasOwn(table, name);
}

function clamp(bits: number): number {
  return Math.min(8, Math.max(0, bits));
}

function unfit({ field, value }: { readonly field: NftField; readonly value: string }, expected: string): NetlinkError {
  return new NetlinkError(`match ${field} "${value}"`, 'EINVAL', `expected ${expected}`);
}
