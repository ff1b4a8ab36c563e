import { type KubeOvnSubnet, type KubeOvnSubnetSpec, type ObjectProblem, wrongField } from '#api';
import {
  contains,
  type Family,
  findIp,
  formatPrefix,
  type Interval,
  type IntervalSet,
  lastOf,
  type Prefix,
  subtract,
} from '#ip';
import { readSpan, touches } from './address-span.ts';
import { readCidrBlock, splitPair } from './cidr-block.ts';

/** What a Subnet says of one family. */
export interface SubnetNetwork {
  readonly family: Family;
  readonly prefix: Prefix;
  readonly gateway: bigint;
  /** Every address that a pod may have: not the network's own, not broadcast, not the gateway. */
  readonly hosts: IntervalSet;
  /** Those that are handed out to whoever asks for none. */
  readonly usable: IntervalSet;
}

/** A Subnet's networks, at most one of each family, IPv4 first; none where something is wrong. */
export interface SubnetReading {
  readonly networks: readonly SubnetNetwork[];
  readonly problems: readonly ObjectProblem[];
}

/** Reads what a Subnet's texts say. Pure; nothing is thrown. */
export function readSubnet({ spec }: KubeOvnSubnet): SubnetReading {
  const problems: ObjectProblem[] = [];
  if (spec.protocol === 'Mac' && (spec.cidrBlock ?? '') === '') return { networks: [], problems: macProblems(spec) };
  const prefixes = readCidrBlock(spec.cidrBlock, problems);
  const gateways = readGateways(spec.gateway, prefixes, problems);
  const excluded = readExcluded(spec.excludeIps ?? [], prefixes, problems);
  checkProtocol(spec.protocol, prefixes, problems);
  if (problems.some(({ severity }) => severity !== 'warning')) return { networks: [], problems };
  const networks = prefixes.map((prefix): SubnetNetwork => {
    const gateway = gateways.get(prefix.family) ?? firstHost(prefix);
    const hosts = subtract([{ first: prefix.network, last: lastOf(prefix) }], [...edges(prefix), one(gateway)]);
    const removed = excluded.filter(({ family }) => family === prefix.family);
    return { family: prefix.family, prefix, gateway, hosts, usable: subtract(hosts, removed) };
  });
  return { networks: networks.sort((a, b) => a.family - b.family), problems };
}

/** Interfaces without addresses have nothing to exclude and no gateway. */
function macProblems(spec: KubeOvnSubnetSpec): readonly ObjectProblem[] {
  const fields = (['gateway', 'excludeIps'] as const).filter(field => (spec[field] ?? '').length > 0);
  return fields.map(field => wrongField(['spec', field], spec[field], 'nothing, since spec.protocol is "Mac"'));
}

function readGateways(
  text: string | undefined,
  prefixes: readonly Prefix[],
  problems: ObjectProblem[],
): ReadonlyMap<Family, bigint> {
  const gateways = new Map<Family, bigint>();
  if (text === undefined || text === '') return gateways;
  const path = ['spec', 'gateway'];
  const inside = `an address inside ${prefixes.map(formatPrefix).join(' or ') || 'cidrBlock'}`;
  for (const part of splitPair(text)) {
    const ip = findIp(part);
    const prefix = ip === undefined ? undefined : prefixes.find(candidate => contains(candidate, ip));
    if (ip === undefined || prefix === undefined) problems.push(wrongField(path, text, inside));
    else if (gateways.has(ip.family)) problems.push(wrongField(path, text, `one address of IPv${ip.family}`));
    else if (isEdge(prefix, ip.value)) {
      problems.push(wrongField(path, text, `${inside} that is not its network or broadcast address`));
    } else gateways.set(ip.family, ip.value);
  }
  return gateways;
}

/** An IPv6 network has no broadcast address: its last one may be a router's. */
function isEdge(prefix: Prefix, value: bigint): boolean {
  return edges(prefix).some(({ first }) => first === value && (prefix.family === 4 || value === prefix.network));
}

function readExcluded(list: readonly string[], prefixes: readonly Prefix[], problems: ObjectProblem[]) {
  return list.flatMap((text, index) => {
    const reading = readSpan(text);
    const path = ['spec', 'excludeIps', index];
    if ('expected' in reading) {
      problems.push(wrongField(path, text, reading.expected));
      return [];
    }
    if (prefixes.length > 0 && !prefixes.some(prefix => touches(prefix, reading.span))) {
      const expected = `addresses of ${prefixes.map(formatPrefix).join(' or ')}: it does nothing`;
      problems.push({ ...wrongField(path, text, expected), severity: 'warning' });
    }
    return [reading.span];
  });
}

/** Kube-OVN writes there itself what follows from the prefixes. */
function checkProtocol(protocol: string | undefined, prefixes: readonly Prefix[], problems: ObjectProblem[]): void {
  if (protocol === undefined || protocol === '' || prefixes.length === 0) return;
  const derived = prefixes.length === 2 ? 'Dual' : `IPv${prefixes[0]?.family}`;
  if (protocol === derived) return;
  problems.push({
    ...wrongField(['spec', 'protocol'], protocol, `${derived}, as cidrBlock has it`),
    severity: 'warning',
  });
}

/** The default gateway: the first address that a host can have. */
function firstHost(prefix: Prefix): bigint {
  return edges(prefix).length === 0 ? prefix.network : prefix.network + 1n;
}

/** Network and broadcast address, which point-to-point networks lack (RFC 3021, RFC 6164). */
function edges(prefix: Prefix): readonly Interval[] {
  return prefix.length >= (prefix.family === 4 ? 31 : 127) ? [] : [one(prefix.network), one(lastOf(prefix))];
}

function one(value: bigint): Interval {
  return { first: value, last: value };
}
