import { contains, findIp, formatIp, formatRange, type Ip } from '#ip';
import type { HostLocalIpam } from '../config/ipam-config.ts';
import { IpamError } from '../errors.ts';
import type { HostLocalRange, HostLocalSet } from './host-local-set.ts';

/** What the node knows beside the configuration; the caller keeps it. */
export interface HostLocalState {
  /** Addresses that are held, without prefix length, in canonical text. */
  readonly taken: Pick<ReadonlySet<string>, 'has'>;
  /** By index of the set: the address given out last. Round robin goes on behind it. */
  readonly last?: Readonly<Record<number, string>>;
  /** Addresses that the pod asked for, with or without prefix length. */
  readonly requested?: readonly string[];
}

export interface HostLocalChoice {
  /** One of each set, in the sets' order. */
  readonly ips: readonly { readonly address: string; readonly gateway: string }[];
  /** The next {@link HostLocalState.last}. */
  readonly last: Readonly<Record<number, string>>;
}

/**
 * Chooses an address of each set: one that was asked for, else the next free one round robin. Pure: what it chose counts
 * as taken only once the caller says so.
 * @throws IpamError POOL_EXHAUSTED, ADDRESS_TAKEN, ADDRESS_OUTSIDE_POOL, in the words of the reference plugin
 */
export function chooseHostLocal(config: Pick<HostLocalIpam, 'sets'>, state: HostLocalState): HostLocalChoice {
  const open = new Map((state.requested ?? []).map(text => [text, findIp(text.split('/')[0] ?? text)]));
  const last: Record<number, string> = { ...state.last };
  const ips = config.sets.map((set, index) => {
    const [text, asked] = [...open].find(([, ip]) => ip !== undefined && rangeOf(set, ip) !== undefined) ?? [];
    if (text !== undefined) open.delete(text);
    const ip = asked === undefined ? nextFree(set, index, state) : checkAsked(set, index, asked, state);
    last[index] = formatIp(ip);
    const range = rangeOf(set, ip) ?? failed(index, `${formatIp(ip)} is in no range of the set`);
    return { address: `${formatIp(ip)}/${range.subnet.length}`, gateway: formatIp(range.gateway) };
  });
  if (open.size > 0) {
    throw new IpamError('ADDRESS_OUTSIDE_POOL', `failed to allocate all requested IPs: ${[...open.keys()].join(' ')}`);
  }
  return { ips, last };
}

function checkAsked(set: HostLocalSet, index: number, ip: Ip, state: HostLocalState): Ip {
  const text = formatIp(ip);
  if (isGateway(set, ip)) throw refused('ADDRESS_TAKEN', index, `requested ip ${text} is subnet's gateway`);
  if (!state.taken.has(text)) return ip;
  throw refused('ADDRESS_TAKEN', index, `requested IP address ${text} is not available in range set ${formatSet(set)}`);
}

/** At most as many steps as addresses are taken, whatever the ranges' size. */
function nextFree(set: HostLocalSet, index: number, state: HostLocalState): Ip {
  for (const ip of roundRobin(set, state.last?.[index])) {
    if (!isGateway(set, ip) && !state.taken.has(formatIp(ip))) return ip;
  }
  throw refused('POOL_EXHAUSTED', index, `no IP addresses available in range set: ${formatSet(set)}`);
}

/** Every address of the set once, beginning behind `last`. */
function* roundRobin(set: HostLocalSet, last: string | undefined): Iterable<Ip> {
  const previous = last === undefined ? undefined : findIp(last);
  const start = previous === undefined ? -1 : set.findIndex(range => inside(range, previous));
  const split = start < 0 ? undefined : previous?.value;
  const order = start < 0 ? [...set] : [...set.slice(start + 1), ...set.slice(0, start)];
  const current = set[start];
  if (current !== undefined && split !== undefined) yield* count(current, split + 1n, current.last);
  for (const range of order) yield* count(range, range.first, range.last);
  if (current !== undefined && split !== undefined) yield* count(current, current.first, split);
}

function* count({ family }: HostLocalRange, first: bigint, last: bigint): Iterable<Ip> {
  for (let value = first; value <= last; value++) yield { family, value };
}

function inside(range: HostLocalRange, ip: Ip): boolean {
  return ip.family === range.family && ip.value >= range.first && ip.value <= range.last;
}

function rangeOf(set: HostLocalSet, ip: Ip): HostLocalRange | undefined {
  return set.find(range => inside(range, ip));
}

/** Any range's gateway that lies in the set is spared. */
function isGateway(set: HostLocalSet, ip: Ip): boolean {
  return set.some(({ gateway, subnet }) => gateway.value === ip.value && contains(subnet, ip));
}

function formatSet(set: HostLocalSet): string {
  return set.map(formatRange).join(',');
}

function refused(code: 'POOL_EXHAUSTED' | 'ADDRESS_TAKEN', index: number, reason: string): IpamError {
  return new IpamError(code, `failed to allocate for range ${index}: ${reason}`);
}

function failed(index: number, reason: string): never {
  throw new TypeError(`Range set ${index}: ${reason}`);
}
