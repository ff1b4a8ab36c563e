import { type Attribute, bytes, forEachAttribute, readText, text, u32 } from './attribute.ts';
import { NetlinkError } from './errors.ts';
import type { Family, RuleFact } from './fact.ts';
import { AF_UNSPEC, toAddressFamily, toFamily } from './family.ts';
import { decodeIp, encodePrefix, maskHostBits, type PrefixBytes } from './ip-text.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from './message.ts';
import type { RouteSocket } from './route-socket.ts';

export const RTM_NEWRULE = 32;
export const RTM_DELRULE = 33;
const RTM_GETRULE = 34;

const FRA_DST = 1;
const FRA_SRC = 2;
const FRA_IIFNAME = 3;
const FRA_PRIORITY = 6;
const FRA_FWMARK = 10;
const FRA_SUPPRESS_IFGROUP = 13;
const FRA_SUPPRESS_PREFIXLEN = 14;
const FRA_TABLE = 15;
const FRA_FWMASK = 16;
const FRA_PROTOCOL = 21;
/** The attributes that {@link RuleFact} can tell, or that change nothing of what a rule matches and does. */
const TOLD: ReadonlySet<number> = new Set([
  FRA_DST,
  FRA_SRC,
  FRA_IIFNAME,
  FRA_PRIORITY,
  FRA_FWMARK,
  FRA_TABLE,
  FRA_FWMASK,
  FRA_PROTOCOL,
]);
/** Sent with every rule; -1 says "not in use". */
const SUPPRESSORS: ReadonlySet<number> = new Set([FRA_SUPPRESS_IFGROUP, FRA_SUPPRESS_PREFIXLEN]);
const NOT_SUPPRESSED = -1;

const FR_ACT_TO_TBL = 1;
const FIB_RULE_INVERT = 0x2;

/** Absent selectors match everything, a bare address stands for itself, and a mark without mask is compared whole. */
export interface RuleSpec extends RuleFact {
  /** RTPROT_*: who made it. Without it, 0 is added (as `ip rule add` does) and any is deleted. */
  readonly protocol?: number;
}

/**
 * The policy rules of the socket's namespace that look up a table, IPv4 and IPv6. Rules with selectors or actions
 * that {@link RuleFact} cannot tell (`not`, oif, ports, uid ranges, goto, blackhole) are left out: told by half, they
 * would say something else.
 * Same as: `ip rule show` and `ip -6 rule show`
 */
export function listRules(socket: RouteSocket): RuleFact[] {
  const header = encodeHeader(AF_UNSPEC, 0, 0, 0);
  return socket.dump({ type: RTM_GETRULE, header, attributes: [] }, 'list rules', decodeRule);
}

/**
 * Adds a policy rule.
 * Same as: `ip rule add [from PREFIX] [to PREFIX] [iif DEV] [fwmark MARK/MASK] table TABLE pref PRIORITY`
 *
 * @throws NetlinkError with code "EEXIST" when the very same rule is present
 */
export function addRule(socket: RouteSocket, spec: RuleSpec): void {
  request(socket, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, spec, 'add');
}

/**
 * Deletes the first policy rule that has these selectors, priority and table, and perhaps more: a selector that is not
 * given matches any. With a protocol, only a rule of that protocol.
 * Same as: `ip rule delete [from PREFIX] [to PREFIX] [iif DEV] [fwmark MARK/MASK] table TABLE pref PRIORITY`
 *
 * @throws NetlinkError with code "ENOENT" when there is none
 */
export function deleteRule(socket: RouteSocket, spec: RuleSpec): void {
  request(socket, RTM_DELRULE, 0, spec, 'delete');
}

/** Decodes RTM_NEWRULE and RTM_DELRULE; undefined for what {@link listRules} leaves out. */
export function decodeRule(buffer: Buffer, start: number, end: number): RuleFact | undefined {
  const family = toFamily(buffer.readUInt8(start));
  const isInverted = (buffer.readUInt32LE(start + 8) & FIB_RULE_INVERT) !== 0;
  const tos = buffer.readUInt8(start + 3);
  if (family === undefined || buffer.readUInt8(start + 7) !== FR_ACT_TO_TBL || isInverted || tos !== 0)
    return undefined;
  const rule: { -readonly [Key in keyof RuleFact]: RuleFact[Key] } = {
    family,
    priority: 0,
    table: buffer.readUInt8(start + 4),
  };
  let isTold = true;
  forEachAttribute(buffer, start + RULE_HEADER_SIZE, end, (type, from, to) => {
    if (type === FRA_SRC) rule.from = `${decodeIp(buffer.subarray(from, to))}/${buffer.readUInt8(start + 2)}`;
    else if (type === FRA_DST) rule.to = `${decodeIp(buffer.subarray(from, to))}/${buffer.readUInt8(start + 1)}`;
    else if (type === FRA_IIFNAME) rule.iif = readText(buffer, from, to);
    else if (type === FRA_PRIORITY) rule.priority = buffer.readUInt32LE(from);
    else if (type === FRA_FWMARK) rule.fwmark = buffer.readUInt32LE(from);
    else if (type === FRA_FWMASK) rule.fwmask = buffer.readUInt32LE(from);
    else if (type === FRA_TABLE) rule.table = buffer.readUInt32LE(from);
    else if (SUPPRESSORS.has(type) ? buffer.readInt32LE(from) !== NOT_SUPPRESSED : !TOLD.has(type)) isTold = false;
  });
  return isTold ? rule : undefined;
}

const RULE_HEADER_SIZE = 12;

/** `struct fib_rule_hdr`: u8 family, dst_len, src_len, tos, table, two reserved, action, then u32 flags. */
function encodeHeader(addressFamily: number, toLength: number, fromLength: number, action: number): Buffer {
  const header = Buffer.alloc(RULE_HEADER_SIZE);
  header.writeUInt8(addressFamily, 0);
  header.writeUInt8(toLength, 1);
  header.writeUInt8(fromLength, 2);
  header.writeUInt8(action, 7);
  return header;
}

function request(socket: RouteSocket, type: number, flags: number, spec: RuleSpec, verb: string): void {
  const action = `${verb} rule ${describe(spec)}`;
  const from = encodeSelector(action, spec.family, spec.from);
  const to = encodeSelector(action, spec.family, spec.to);
  const attributes: Attribute[] = [];
  if (from.prefixLength > 0) attributes.push(bytes(FRA_SRC, from.bytes));
  if (to.prefixLength > 0) attributes.push(bytes(FRA_DST, to.bytes));
  if (spec.fwmark !== undefined) attributes.push(u32(FRA_FWMARK, spec.fwmark));
  if (spec.fwmask !== undefined) attributes.push(u32(FRA_FWMASK, spec.fwmask));
  if (spec.iif !== undefined) attributes.push(text(FRA_IIFNAME, spec.iif));
  attributes.push(u32(FRA_TABLE, spec.table), u32(FRA_PRIORITY, spec.priority));
  if (spec.protocol !== undefined) attributes.push(bytes(FRA_PROTOCOL, Uint8Array.of(spec.protocol)));
  const header = encodeHeader(toAddressFamily(spec.family), to.prefixLength, from.prefixLength, FR_ACT_TO_TBL);
  socket.request({ type, flags, header, attributes }, action);
}

function encodeSelector(
  action: string,
  family: Family,
  prefix: string | undefined,
): Pick<PrefixBytes, 'bytes' | 'prefixLength'> {
  if (prefix === undefined) return { bytes: new Uint8Array(0), prefixLength: 0 };
  const encoded = maskHostBits(encodePrefix(action, prefix));
  if (encoded.family === family) return encoded;
  throw new NetlinkError(action, 'EINVAL', `prefix "${prefix}": expected IPv${family}`);
}

function describe(spec: RuleSpec): string {
  const selectors = [
    `from ${spec.from ?? 'all'}`,
    ...(spec.to === undefined ? [] : [`to ${spec.to}`]),
    ...(spec.iif === undefined ? [] : [`iif ${spec.iif}`]),
    ...(spec.fwmark === undefined ? [] : [`fwmark 0x${spec.fwmark.toString(16)}`]),
  ];
  return `"${spec.priority}: ${selectors.join(' ')} lookup ${spec.table}"`;
}
