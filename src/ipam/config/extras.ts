import * as z from 'zod/mini';
import type { CniDns, CniRoute } from '#cni';
import { findIp, findPrefix } from '#ip';
import { badField } from '../errors.ts';
import type { IpamExtras } from './ipam-config.ts';

const texts = z.array(z.string());

/** The fields of an `ipam` object that every dialect copies into the result. */
export const extrasShape = {
  routes: z.exactOptional(
    z.nullable(
      z.array(
        z.object({
          dst: z.string(),
          gw: z.exactOptional(z.string()),
          mtu: z.exactOptional(z.int().check(z.gte(0))),
          advmss: z.exactOptional(z.int().check(z.gte(0))),
          priority: z.exactOptional(z.int().check(z.gte(0))),
          table: z.exactOptional(z.int().check(z.gte(0))),
          scope: z.exactOptional(z.int().check(z.gte(0), z.lte(255))),
        }),
      ),
    ),
  ),
  dns: z.exactOptional(
    z.object({
      nameservers: z.exactOptional(texts),
      domain: z.exactOptional(z.string()),
      search: z.exactOptional(texts),
      options: z.exactOptional(texts),
    }),
  ),
};

/** Checks the addresses in routes and dns. @throws IpamError BAD_CONFIG */
export function checkExtras(
  fields: { readonly routes?: readonly CniRoute[] | null; readonly dns?: CniDns },
  source: string,
): IpamExtras {
  const routes = (fields.routes ?? []).map((route, index) => checkRoute(route, `routes[${index}]`, source));
  const dns = fields.dns ?? {};
  for (const [index, server] of (dns.nameservers ?? []).entries()) {
    if (findIp(server) === undefined) throw badField(source, `dns.nameservers[${index}]`, server, 'an IP address');
  }
  return { routes, dns };
}

function checkRoute(route: CniRoute, field: string, source: string): CniRoute {
  const { gw, ...rest } = route;
  const family = findPrefix(route.dst)?.family;
  if (family === undefined) throw badField(source, `${field}.dst`, route.dst, 'a prefix like 10.0.0.0/8 or 0.0.0.0/0');
  // Generators write an empty gw for "none".
  if (gw === undefined || gw === '') return rest;
  const gateway = findIp(gw);
  if (gateway?.family !== family)
    throw badField(source, `${field}.gw`, gw, `an IPv${family} address, as ${field}.dst is one`);
  return route;
}
