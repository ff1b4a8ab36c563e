import * as z from 'zod/mini';
import { badField } from '../../errors.ts';
import { checkExtras, extrasShape } from '../../extras.ts';
import type { IpamContext, KubeOvnIpam } from '../../ipam-config.ts';
import { parseShape } from '../../parse-shape.ts';
import { resolveScope } from '../../resolve-scope.ts';
import { readRoutes } from './kube-ovn-routes.ts';

const schema = z.object({
  type: z.literal('kube-ovn'),
  provider: z.exactOptional(z.string()),
  routes: z.exactOptional(
    z.nullable(z.array(z.object({ dst: z.exactOptional(z.string()), gw: z.exactOptional(z.string()) }))),
  ),
  dns: extrasShape.dns,
});

/** The socket of another daemon: nobody is asked there. */
const IGNORED_FIELDS: readonly string[] = ['name', 'server_socket'];

/** Reads a Kube-OVN `ipam` object. @throws IpamError BAD_CONFIG, BAD_SCOPE */
export function parseKubeOvn(raw: Readonly<Record<string, unknown>>, context: IpamContext): KubeOvnIpam {
  const { source, networkName, scope } = context;
  const { provider, routes, dns } = parseShape(schema, raw, { source, ignored: IGNORED_FIELDS });
  if (provider !== undefined && provider !== '' && !/^[^.\s]+(\.[^.\s]+)+$/.test(provider)) {
    throw badField(source, 'provider', provider, 'the name and the namespace of the network, like macvlan.default');
  }
  const reading = readRoutes(routes ?? []);
  if ('expected' in reading) throw badField(source, reading.field, reading.value, reading.expected);
  return {
    dialect: 'kube-ovn',
    networkName,
    scope: resolveScope({ source, ...(scope === undefined ? {} : { scope }) }),
    ...(provider === undefined || provider === '' ? {} : { provider }),
    ...checkExtras({ routes: reading.routes, ...(dns === undefined ? {} : { dns }) }, source),
  };
}
