import { contains, findIp, findPrefix, formatAddress, formatIp, has, type Prefix } from '#ip';
import type { StaticIpam, WhereaboutsIpam } from '../config/ipam-config.ts';
import { sliceForNode } from '../dialects/whereabouts-slices.ts';
import { badField, IpamError } from '../errors.ts';
import type { Pool } from '../store/claim-store.ts';
import { type AskedAddresses, askedOf } from './asked-addresses.ts';
import { type FixedAddress, parseFixedAddress } from './fixed-address.ts';
import type { Wish, WishContext, Wishes } from './wishes.ts';

/**
 * What a configuration that names its addresses comes to, with what was asked for.
 *
 * Whereabouts: one claim of each pool; an address that was asked for is claimed from the pool that hands it out. One of
 * CNI_ARGS that no pool's network holds is added as it stands, like the configuration's own `addresses`. Where ranges are cut
 * into slices, the node's is tried first.
 *
 * static: the configuration's addresses and those of CNI_ARGS, or else exactly those that the runtime or pod asks for.
 *
 * @throws IpamError BAD_CONFIG, ADDRESS_OUTSIDE_POOL
 */
export function configuredWishes(
  ipam: WhereaboutsIpam | StaticIpam,
  { asked, source, node }: Pick<WishContext, 'asked' | 'source' | 'node'>,
): Wishes {
  const { routes, dns } = ipam;
  if (ipam.dialect === 'static') {
    return { alternatives: [[]], fixed: fixedOfStatic(ipam, asked, source), routes, dns };
  }
  const isExtra = (text: string): boolean => asked.ips.length === 0 && isElsewhere(ipam.pools, text);
  const texts = askedOf(asked);
  const extra = texts.filter(isExtra).map(text => fixedFrom(text, source));
  const claimed = texts.filter(text => !isExtra(text));
  return {
    alternatives: [
      assign(ipam.pools, claimed, source).map(({ pools, ...wish }) => ({
        ...wish,
        pools: pools.flatMap(pool => sliceForNode(pool, ipam.sliceLength, node)),
      })),
    ],
    fixed: withGateways([...ipam.addresses, ...extra], asked.argGateways, source),
    routes,
    dns,
  };
}

/** As the reference plugin: CNI_ARGS adds, the runtime replaces. A gateway is kept for an address of its network. */
function fixedOfStatic(ipam: StaticIpam, asked: AskedAddresses, source: string): readonly FixedAddress[] {
  const { ips, argIps = [], argGateways } = asked;
  const own = withGateways([...ipam.addresses, ...argIps.map(text => fixedFrom(text, source))], argGateways, source);
  if (ips.length === 0) return own;
  const gateways = own.flatMap(({ gateway }) => gateway ?? []);
  return ips.map(text => {
    const fixed = fixedFrom(text, source);
    const gateway = gateways.find(candidate => holds(fixed.address, candidate));
    return gateway === undefined ? fixed : { ...fixed, gateway };
  });
}

function fixedFrom(text: string, source: string): FixedAddress {
  return { address: formatAddress(parseFixedAddress(text, 'an address that was asked for', source)) };
}

/** Each gateway goes to the addresses in whose network it lies. */
function withGateways(
  addresses: readonly FixedAddress[],
  gateways: readonly string[] = [],
  source: string,
): readonly FixedAddress[] {
  for (const text of gateways) {
    if (addresses.some(({ address }) => holds(address, text))) continue;
    throw badField(source, 'GATEWAY of CNI_ARGS', text, 'an address inside the network of an address beside it');
  }
  return addresses.map(fixed => {
    const text = gateways.findLast(candidate => holds(fixed.address, candidate));
    const gateway = text === undefined ? undefined : findIp(text);
    return gateway === undefined ? fixed : { ...fixed, gateway: formatIp(gateway) };
  });
}

function holds(address: string, ip: string): boolean {
  const [prefix, inner] = [findPrefix(address), findIp(ip)];
  return prefix !== undefined && inner !== undefined && contains(prefix, inner);
}

/** Only an address that says how long its prefix is can stand for itself. */
function isElsewhere(pools: readonly Pool[], text: string): boolean {
  const prefix = findPrefix(text);
  return (
    prefix !== undefined &&
    !pools.some(pool => contains(networkOf(pool), { family: prefix.family, value: prefix.address }))
  );
}

function networkOf({ family, usable, prefixLength }: Pool): Prefix {
  const address = usable[0]?.first ?? 0n;
  const hostBits = BigInt((family === 4 ? 32 : 128) - prefixLength);
  return { family, address, network: (address >> hostBits) << hostBits, length: prefixLength };
}

/** Gives each address that was asked for to a pool: one that hands it out, else one that will say why it does not. */
function assign(pools: readonly Pool[], asked: readonly string[], source: string): readonly Wish[] {
  const slots: (string | undefined)[] = pools.map(() => undefined);
  for (const text of asked) {
    const value = findPrefix(text)?.address ?? findIp(text)?.value;
    const family = text.includes(':') ? 6 : 4;
    const open = pools.flatMap((pool, slot) => (slots[slot] === undefined ? [{ pool, slot }] : []));
    const best =
      open.find(({ pool }) => pool.family === family && value !== undefined && has(pool.usable, value)) ??
      open.find(({ pool }) => pool.family === family) ??
      open[0];
    if (best === undefined) {
      throw new IpamError(
        'ADDRESS_OUTSIDE_POOL',
        `Cannot take addresses for ${source}: ips holds ${asked.join(', ')}, expected at most ${pools.length}, as many as its ipam hands out`,
      );
    }
    slots[best.slot] = text;
  }
  return pools.map((pool, slot) => {
    const address = slots[slot];
    return address === undefined ? { pools: [pool] } : { pools: [pool], address };
  });
}
