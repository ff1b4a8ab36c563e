import type { IPAllocation } from '#api';
import { bitsOf, findPrefix, formatIp, formatPrefix, type Ip, type Prefix, toPrefix } from '#ip';
import { parseClaimName, resolveScope } from '#ipam';

/** Where a claim of a Whereabouts range stands in Whereabouts' own objects. */
export interface PoolPlace {
  /** Name of the IPPool. */
  readonly pool: string;
  /** The IPPool's range. */
  readonly range: string;
  /** The address's distance from the range's network address. */
  readonly offset: string;
  /** Name of the IPPool of the whole range: another one where this is a node's slice of it. */
  readonly whole: string;
  /** The network's `network_name`, empty without. */
  readonly networkName: string;
  /** Name of the OverlappingRangeIPReservation. */
  readonly reservation: string;
}

/**
 * Finds a claim's place; undefined for one that is of no Whereabouts range, or whose network has a name that no object can
 * have. A scope that does not follow from `network_name` stands before the names as `network_name` does: the same addresses
 * may be held in both.
 */
export function placeOf(claim: IPAllocation): PoolPlace | undefined {
  const { pool, address, node } = claim.spec;
  if (pool.dialect !== 'whereabouts' || pool.kind !== 'IPPool') return undefined;
  const prefix = findPrefix(address);
  const scope = parseClaimName(claim.metadata.name)?.scope;
  return prefix === undefined ? undefined : placeIn(pool.name, prefix, scope, node);
}

/**
 * The same for any address of a pool, by the pool's name.
 * @param node whose slice it may be
 */
export function placeIn(
  pool: string,
  prefix: Prefix,
  scope: string | undefined,
  node: string | undefined,
): PoolPlace | undefined {
  const length = Number(/-(\d+)$/.exec(pool)?.[1]);
  if (!(length <= bitsOf(prefix.family))) return undefined;
  const ip = { family: prefix.family, value: prefix.address };
  const own = toPrefix(ip, length);
  const range = formatPrefix(own);
  const ending = dashed(own);
  // A dash before and after each part: `blue-10.0.0.0-24` is `-blue-` and the range.
  const before = `-${pool.slice(0, -ending.length)}`;
  if (!pool.endsWith(ending) || !before.endsWith('-')) return undefined;
  // A range whose addresses have a shorter prefix than it has itself is a node's slice: the node stands before it.
  const networkName = (length === prefix.length ? before : withoutEnd(before, `${node}-`)).slice(1, -1);
  const isOwnScope = scope === undefined || scope === resolveScope({ networkName, source: 'a claim' });
  const scopePrefix = isOwnScope ? '' : `${scope}-`;
  const place = {
    pool: scopePrefix + pool,
    range,
    offset: String(ip.value - own.network),
    whole: `${scopePrefix}${withDash(networkName)}${dashed(prefix)}`,
    networkName,
    reservation: `${scopePrefix}${withDash(networkName)}${nameOfIp(ip)}`,
  };
  return [place.pool, place.reservation].every(name => OBJECT_NAME.test(name)) ? place : undefined;
}

const OBJECT_NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** As Whereabouts writes addresses into names: a name must not end in a dash. */
function nameOfIp(ip: Ip): string {
  const text = formatIp(ip);
  return (text.endsWith(':') ? `${text}0` : text).replaceAll(':', '-');
}

function dashed(prefix: Prefix): string {
  return formatPrefix(prefix).replace(/[/:]/g, '-');
}

function withDash(networkName: string): string {
  return networkName === '' ? '' : `${networkName}-`;
}

function withoutEnd(text: string, end: string): string {
  return text.endsWith(`-${end}`) ? text.slice(0, -end.length) : text;
}
