import * as z from 'zod/mini';
import { formatIp, formatPrefix, formatRange, type Prefix, subtract } from '#ip';
import type { Pool } from '../claim-store.ts';
import { badField } from '../errors.ts';
import { checkExtras, extrasShape } from '../extras.ts';
import type { IpamContext, WhereaboutsIpam } from '../ipam-config.ts';
import { parseShape } from '../parse-shape.ts';
import { resolveScope } from '../resolve-scope.ts';
import { parseWhereaboutsRange } from './whereabouts-range.ts';

const text = z.exactOptional(z.string());

const schema = z.object({
  type: z.literal('whereabouts'),
  range: z.string({ error: 'a range like 10.0.0.0/24 or 10.0.0.5-10.0.0.9/24' }),
  range_start: text,
  range_end: text,
  exclude: z.exactOptional(z.nullable(z.array(z.string()))),
  gateway: text,
  network_name: text,
  enable_overlapping_ranges: z.exactOptional(z.boolean()),
  ipRanges: z.exactOptional(z.nullable(z.array(z.unknown()))),
  addresses: z.exactOptional(z.nullable(z.array(z.unknown()))),
  ...extrasShape,
});

/**
 * Fields that steer parts which Underlane does not have: storage, leader election, collectors, logs, node slices.
 * `enable_overlapping_ranges: false` asks for less than a scope promises, so it changes nothing either.
 */
const IGNORED = [
  'name',
  'datastore',
  'kubernetes',
  'configuration_path',
  'log_file',
  'log_level',
  'leader_lease_duration',
  'leader_renew_deadline',
  'leader_retry_period',
  'reconciler_cron_expression',
  'sleep_for_race',
  'node_slice_size',
  'etcd_host',
  'etcd_username',
  'etcd_password',
  'etcd_key_file',
  'etcd_cert_file',
  'etcd_ca_cert_file',
];

/** Reads a Whereabouts `ipam` object with one range. @throws IpamError BAD_CONFIG, BAD_SCOPE */
export function parseWhereabouts(raw: Readonly<Record<string, unknown>>, context: IpamContext): WhereaboutsIpam {
  const { source } = context;
  for (const field of ['ipRanges', 'addresses']) {
    const value = raw[field];
    if (Array.isArray(value) && value.length > 0) {
      throw badField(source, field, value, 'nothing: only one range is supported so far, in the field range');
    }
  }
  const fields = parseShape(schema, raw, { source, ignored: IGNORED });
  const networkName = fields.network_name === '' ? undefined : fields.network_name;
  const range = parseWhereaboutsRange(fields, source);
  const usable = subtract([range], range.excluded);
  if (usable.length === 0) {
    const expected = 'a range that leaves an address beside exclude, gateway, network and broadcast';
    throw badField(source, 'range', fields.range, expected);
  }
  const { family, length } = range.subnet;
  const pool: Pool = {
    ref: { dialect: 'whereabouts', kind: 'IPPool', name: poolName(range.subnet, networkName) },
    scope: resolveScope({
      source,
      ...(context.scope === undefined ? {} : { scope: context.scope }),
      ...(networkName === undefined ? {} : { networkName }),
    }),
    family,
    prefixLength: length,
    text: `${formatRange({ family, first: range.first, last: range.last })}/${length}`,
    usable,
    ...(range.gateway === undefined ? {} : { gateway: formatIp(range.gateway) }),
  };
  return { dialect: 'whereabouts', networkName: context.networkName, pools: [pool], ...checkExtras(fields, source) };
}

/** As Whereabouts names its IPPool objects. */
function poolName(subnet: Prefix, networkName: string | undefined): string {
  const cidr = formatPrefix(subnet).replace(/[/:]/g, '-');
  return networkName === undefined ? cidr : `${networkName}-${cidr}`;
}
