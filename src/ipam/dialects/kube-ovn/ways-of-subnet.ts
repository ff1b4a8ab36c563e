import { contains, type Family, has, type Interval } from '#ip';
import type { Wish } from '../../wishes/wishes.ts';
import { type AddressAsk, type AddressPair, type AskedIp, wrong } from './asked-of-subnet.ts';
import type { ReadPool } from './pool-members.ts';
import type { SubnetNetwork } from './subnet-networks.ts';
import { listPool, namedPool, type PoolTerms, type SubnetInUse, subnetPool } from './subnet-pools.ts';

/** A Subnet, and what one interface asks of it. */
export interface SubnetRequest {
  readonly inUse: SubnetInUse;
  readonly ask: Exclude<AddressAsk, { readonly kind: 'pools' }>;
  /** IPPools of the Subnet from which addresses come that are not asked for one by one. */
  readonly pools: readonly ReadPool[];
  /** The pod names them itself. */
  readonly isPoolAsked: boolean;
  /** The one family that the pod wants. */
  readonly family?: Family;
  /** The number of the pod among its StatefulSet's: the place of its address in a list. */
  readonly ordinal?: number;
  readonly terms: PoolTerms;
}

/**
 * The ways to meet a request from one Subnet, each with one address of each of its families. What is asked for of one family alone
 * is joined by any of the other.
 * @throws IpamError BAD_ANNOTATION: the Subnet has no such family, or the list no such place
 */
export function waysOfSubnet(request: SubnetRequest): readonly (readonly Wish[])[] {
  const { ask, ordinal } = request;
  const networks = networksOf(request);
  if (request.inUse.closed !== undefined) return [closedWay(request, networks, request.inUse.closed)];
  if (ask.kind === 'any') return [networks.map(network => anyOf(request, network))];
  if (ask.kind === 'fixed') return [fixedWay(request, networks, ask.pair)];
  requireHosts(request.inUse, ask);
  if (ordinal !== undefined) {
    const pair = ask.pairs[ordinal];
    if (pair !== undefined) return [fixedWay(request, networks, pair)];
    const expected = `an entry for the pod, which is number ${ordinal}: it has ${ask.pairs.length}, from number 0 on`;
    throw wrong(ask.by, ask.pairs.map(textOf).join(';'), expected);
  }
  const families = new Set(ask.pairs.flatMap(pair => ipsOf(pair).map(({ family }) => family)));
  const [only] = families;
  if (families.size > 1 || only === undefined) return ask.pairs.map(pair => fixedWay(request, networks, pair));
  requireFamilies(request, networks, [only]);
  return [
    networks.map(network => {
      if (network.family !== only) return anyOf(request, network);
      const runs = ascendingRuns(ask.pairs.flatMap(pair => pair[only]?.value ?? []));
      return { pools: runs.map(usable => listPool(request.inUse, network, { usable, by: ask.by }, request.terms)) };
    }),
  ];
}

function closedWay(
  { inUse, terms }: SubnetRequest,
  networks: readonly SubnetNetwork[],
  closed: string,
): readonly Wish[] {
  return networks.map(network => {
    return { pools: [{ ...subnetPool(inUse, network, terms), usable: [], fixable: [] }], closed };
  });
}

/** Whether a Subnet has every address that is asked for, in the way that it is asked for. */
export function hasAsked(networks: readonly SubnetNetwork[], ask: AddressAsk): boolean {
  const hasPair = (pair: AddressPair): boolean =>
    ipsOf(pair).every(ip => {
      const network = networks.find(({ family }) => family === ip.family);
      return network !== undefined && contains(network.prefix, ip);
    });
  if (ask.kind === 'fixed') return hasPair(ask.pair);
  return ask.kind !== 'list' || ask.pairs.every(hasPair);
}

/** Of a list the others would be free, and nobody would see that one never is. */
function requireHosts({ subnet, networks }: SubnetInUse, { pairs, by }: AddressAsk & { readonly kind: 'list' }): void {
  for (const pair of pairs) {
    for (const ip of ipsOf(pair)) {
      const network = networks.find(({ family }) => family === ip.family);
      if (network === undefined || has(network.hosts, ip.value)) continue;
      const expected = `addresses that a pod of Subnet "${subnet.metadata.name}" can have, as ${ip.text} is not`;
      throw wrong(by, pairs.map(textOf).join(';'), expected);
    }
  }
}

function networksOf({ inUse, family, ask }: SubnetRequest): readonly SubnetNetwork[] {
  if (family === undefined) return inUse.networks;
  const networks = inUse.networks.filter(network => network.family === family);
  if (networks.length > 0) return networks;
  throw wrong(
    ask.kind === 'any' ? 'annotation ip_family' : ask.by,
    `ipv${family}`,
    `a family of Subnet "${inUse.subnet.metadata.name}", whose cidrBlock is "${inUse.subnet.spec.cidrBlock}"`,
  );
}

function fixedWay(request: SubnetRequest, networks: readonly SubnetNetwork[], pair: AddressPair): readonly Wish[] {
  requireFamilies(
    request,
    networks,
    ipsOf(pair).map(({ family }) => family),
    pair,
  );
  return networks.map(network => {
    const address = pair[network.family]?.text;
    if (address === undefined) return anyOf(request, network);
    return { pools: [subnetPool(request.inUse, network, request.terms)], address };
  });
}

function requireFamilies(
  { inUse, ask, family }: SubnetRequest,
  networks: readonly SubnetNetwork[],
  families: readonly Family[],
  pair?: AddressPair,
): void {
  const missing = families.find(wanted => !networks.some(network => network.family === wanted));
  if (missing === undefined || ask.kind === 'any') return;
  const { metadata, spec } = inUse.subnet;
  const text = pair === undefined ? `IPv${missing}` : textOf(pair);
  const expected =
    family === undefined
      ? `addresses of Subnet "${metadata.name}", whose cidrBlock is "${spec.cidrBlock}"`
      : `addresses of the one family that ip_family names, ipv${family}`;
  throw wrong(ask.by, text, expected);
}

/** An address of the IPPools that are meant, where they have any of the family; else of the Subnet. */
function anyOf({ inUse, pools, isPoolAsked, terms }: SubnetRequest, network: SubnetNetwork): Wish {
  const use = { ...terms, isAsked: isPoolAsked };
  const named = pools.map(pool => namedPool(inUse, pool, network, use)).filter(({ usable }) => usable.length > 0);
  return { pools: named.length > 0 ? named : [subnetPool(inUse, network, terms)] };
}

/** A list in order, cut where it goes down. */
function ascendingRuns(values: readonly bigint[]): readonly (readonly Interval[])[] {
  const runs: Interval[][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    const previous = run?.at(-1);
    if (run !== undefined && previous !== undefined && previous.last < value) run.push({ first: value, last: value });
    else runs.push([{ first: value, last: value }]);
  }
  return runs;
}

/** IPv4 first. */
function ipsOf({ 4: v4, 6: v6 }: AddressPair): readonly AskedIp[] {
  if (v4 === undefined) return v6 === undefined ? [] : [v6];
  return v6 === undefined ? [v4] : [v4, v6];
}

function textOf(pair: AddressPair): string {
  return ipsOf(pair)
    .map(({ text }) => text)
    .join(',');
}
