import * as z from 'zod/mini';
import { checkExtras, extrasShape } from '../../config/extras.ts';
import type { IpamContext, KubeOvnIpam } from '../../config/ipam-config.ts';
import { parseShape } from '../../config/parse-shape.ts';
import { resolveScope } from '../../config/resolve-scope.ts';
import { badField } from '../../errors.ts';
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
  const reading = readRoutes(routes ?? []);
  if ('expected' in reading) throw badField(source, reading.field, reading.value, reading.expected);
  return {
    dialect: 'kube-ovn',
    networkName,
    scope: resolveScope({ source, ...(scope === undefined ? {} : { scope }) }),
    provider: readProvider(provider, context),
    ...checkExtras({ routes: reading.routes, ...(dns === undefined ? {} : { dns }) }, source),
  };
}

/**
 * Kube-OVN looks for annotations under the NetworkAttachmentDefinition's own name, whatever its configuration says: another
 * provider could never work. Without one it takes the address of the pod's first interface, which nobody can mean.
 */
function readProvider(provider: string | undefined, { nad, source }: IpamContext): string {
  const [namespace, name] = nad?.split('/') ?? [];
  const own = namespace === undefined || name === undefined ? undefined : `${name}.${namespace}`;
  if (provider === undefined || provider === '') {
    if (own !== undefined) return own;
  } else if (own === undefined ? /^[^.\s]+(\.[^.\s]+)+$/.test(provider) : provider === own) {
    return provider;
  }
  const expected =
    own === undefined
      ? 'the name and the namespace of the network, like macvlan.default'
      : `"${own}", the NetworkAttachmentDefinition's name and namespace`;
  throw badField(source, 'provider', provider, expected);
}
