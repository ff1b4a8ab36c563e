import * as z from 'zod/mini';
import { checkExtras, extrasShape } from '../../config/extras.ts';
import type { IpamContext, SpiderpoolIpam } from '../../config/ipam-config.ts';
import { parseShape } from '../../config/parse-shape.ts';
import { resolveScope } from '../../config/resolve-scope.ts';
import { poolNames } from './pool-names.ts';

const pools = z.exactOptional(z.nullable(poolNames));
const flag = z.exactOptional(z.boolean());

const schema = z.object({
  type: z.literal('spiderpool'),
  default_ipv4_ippool: pools,
  default_ipv6_ippool: pools,
  clean_gateway: flag,
  match_master_subnet: flag,
  ...extrasShape,
});

/** Fields that steer parts which Underlane does not have: the socket of another agent, log files. */
const IGNORED_FIELDS: readonly string[] = [
  'name',
  'ipam_unix_socket_path',
  'log_level',
  'log_file_path',
  'log_file_max_size',
  'log_file_max_age',
  'log_file_max_count',
];

/** Reads a Spiderpool `ipam` object. @throws IpamError BAD_CONFIG, BAD_SCOPE */
export function parseSpiderpool(raw: Readonly<Record<string, unknown>>, context: IpamContext): SpiderpoolIpam {
  const { source, networkName, scope } = context;
  const fields = parseShape(schema, raw, { source, ignored: IGNORED_FIELDS });
  return {
    dialect: 'spiderpool',
    networkName,
    scope: resolveScope({ source, ...(scope === undefined ? {} : { scope }) }),
    defaultPools: { 4: fields.default_ipv4_ippool ?? [], 6: fields.default_ipv6_ippool ?? [] },
    cleanGateway: fields.clean_gateway ?? false,
    matchMasterSubnet: fields.match_master_subnet ?? false,
    ...checkExtras(fields, source),
  };
}
