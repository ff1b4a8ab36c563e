import { contains, formatIp, formatPrefix, formatRange, type Ip, type Prefix, parsePrefix, subtract } from '#ip';
import { checkExtras } from '../config/extras.ts';
import type { IpamContext, WhereaboutsIpam } from '../config/ipam-config.ts';
import { parseShape } from '../config/parse-shape.ts';
import { resolveScope } from '../config/resolve-scope.ts';
import { badField } from '../errors.ts';
import type { Pool } from '../store/claim-store.ts';
import { type FixedAddress, parseFixedAddresses } from '../wishes/fixed-address.ts';
import { IGNORED_FIELDS, type WhereaboutsFields, whereaboutsFields } from './whereabouts-fields.ts';
import { mergeFlatFile } from './whereabouts-flat-file.ts';
import {
  parseWhereaboutsGateway,
  parseWhereaboutsRange,
  type RangeFields,
  type WhereaboutsRange,
} from './whereabouts-range.ts';
import { parseSliceLength } from './whereabouts-slices.ts';

/**
 * Reads a Whereabouts `ipam` object: one pool for its range, if it has one, and one for each of `ipRanges`.
 * @throws IpamError BAD_CONFIG, BAD_SCOPE
 */
export function parseWhereabouts(raw: Readonly<Record<string, unknown>>, context: IpamContext): WhereaboutsIpam {
  const path = raw['configuration_path'];
  const file = context.flatFile?.(typeof path === 'string' ? path : undefined);
  const merged = mergeFlatFile(raw, file);
  const source = merged.fromFile.length === 0 ? context.source : `${context.source} with file "${file?.path}"`;
  const fields = parseShape(whereaboutsFields, merged.fields, { source, ignored: IGNORED_FIELDS });
  const addresses = parseFixedAddresses(fields.addresses, source);
  const ranges = rangesOf(fields, addresses.length > 0, source).map(({ path, fields: own }) => ({
    path,
    text: own.range,
    range: parseWhereaboutsRange(own, { source, path }),
  }));
  if (ranges.length > MOST_RANGES) {
    const expected = `at most ${MOST_RANGES} ranges: a pod gets an address of each`;
    throw badField(source, 'ipRanges', fields.ipRanges, expected);
  }
  const subnets = ranges.map(({ range }) => range.subnet);
  const gateway = parseWhereaboutsGateway(fields.gateway, subnets, source);
  const sliceLength = parseSliceLength(fields.node_slice_size, subnets, source);
  const networkName = parseNetworkName(fields.network_name, subnets, source);
  const scope = resolveScope({
    source,
    ...(context.scope === undefined ? {} : { scope: context.scope }),
    ...(networkName === undefined ? {} : { networkName }),
  });
  const pools = ranges.map(({ path, text, range }) => {
    const pool = poolOf(range, { scope, networkName, gateway, addresses });
    if (pool.usable.length > 0) return pool;
    const expected = 'a range that leaves an address beside exclude, gateway, network and broadcast';
    throw badField(source, `${path}range`, text, expected);
  });
  return {
    dialect: 'whereabouts',
    networkName: context.networkName,
    pools,
    ...(sliceLength === undefined ? {} : { sliceLength }),
    addresses,
    ...checkExtras(fields, source),
  };
}

/** As many addresses of one interface can be told apart. */
const MOST_RANGES = 256;
/** Longest name of an object. */
const NAME_LIMIT = 253;

/** Any text with which IPPools can be named. */
function parseNetworkName(text: string | undefined, subnets: readonly Prefix[], source: string): string | undefined {
  if (text === undefined || text === '') return undefined;
  const longest = Math.max(0, ...subnets.map(subnet => poolName(subnet, '').length));
  if (text.length + longest <= NAME_LIMIT) return text;
  throw badField(
    source,
    'network_name',
    text,
    `at most ${NAME_LIMIT - longest} characters: IPPools are named after it`,
  );
}

/** The range fields in the order in which their addresses are given: the top-level range first. */
function rangesOf(
  fields: WhereaboutsFields,
  hasAddresses: boolean,
  source: string,
): readonly { readonly path: string; readonly fields: RangeFields }[] {
  const listed = (fields.ipRanges ?? []).map((own, index) => ({ path: `ipRanges[${index}].`, fields: own }));
  const { range } = fields;
  if (range !== undefined && range !== '') return [{ path: '', fields: { ...fields, range } }, ...listed];
  if (listed.length === 0 && !hasAddresses) {
    throw badField(source, 'range', range, 'a range like 10.0.0.0/24 or 10.0.0.5-10.0.0.9/24');
  }
  for (const field of ['range_start', 'range_end', 'exclude'] as const) {
    const value = fields[field];
    if (value === undefined || value === null || value.length === 0) continue;
    throw badField(source, field, value, 'nothing without a range beside it: each of ipRanges has its own');
  }
  return listed;
}

interface Shared {
  readonly scope: string;
  readonly networkName: string | undefined;
  readonly gateway: Ip | undefined;
  readonly addresses: readonly FixedAddress[];
}

function poolOf(range: WhereaboutsRange, { scope, networkName, gateway, addresses }: Shared): Pool {
  const { subnet, first, last, excluded } = range;
  const { family, length } = subnet;
  const own = gateway !== undefined && contains(subnet, gateway) ? gateway : undefined;
  // What every pod gets beside its own address must not be that address.
  const fixed = addresses.map(({ address }) => parsePrefix(address)).filter(prefix => prefix.family === family);
  const kept = [...(own === undefined ? [] : [own.value]), ...fixed.map(({ address }) => address)];
  return {
    ref: { dialect: 'whereabouts', kind: 'IPPool', name: poolName(subnet, networkName) },
    scope,
    family,
    prefixLength: length,
    text: `${formatRange({ family, first, last })}/${length}`,
    usable: subtract([{ first, last }], [...excluded, ...kept.map(value => ({ first: value, last: value }))]),
    ...(own === undefined ? {} : { gateway: formatIp(own) }),
    order: 'lowest',
  };
}

/** As Whereabouts names its IPPool objects. */
function poolName(subnet: Prefix, networkName: string | undefined): string {
  const cidr = formatPrefix(subnet).replace(/[/:]/g, '-');
  return networkName === undefined ? cidr : `${networkName}-${cidr}`;
}
