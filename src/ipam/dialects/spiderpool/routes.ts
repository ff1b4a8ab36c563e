import * as z from 'zod/mini';
import type { SpiderRoute } from '#api';
import { contains, findIp, findPrefix, formatIp, formatPrefix } from '#ip';
import { type Annotation, parseAnnotation, wrong } from './annotations.ts';

/** Reads `ipam.spidernet.io/routes`. @throws IpamError BAD_ANNOTATION */
export function parseRoutes(annotation: Annotation): readonly SpiderRoute[] {
  const routes = parseAnnotation(z.array(z.object({ dst: z.string(), gw: z.string() })), annotation);
  for (const [index, { dst, gw }] of routes.entries()) {
    const [target, hop] = [findPrefix(dst), findIp(gw)];
    if (target === undefined) {
      throw wrong(annotation, `[${index}].dst`, dst, 'a network like 10.0.0.0/16 or 0.0.0.0/0');
    }
    if (hop?.family !== target.family) {
      throw wrong(annotation, `[${index}].gw`, gw, `an IPv${target.family} address, as dst is one`);
    }
  }
  return routes.map(canonicalRoute);
}

/** The routes whose next hop lies in a network. */
export function routesWithin(routes: readonly SpiderRoute[], network: string): readonly SpiderRoute[] {
  const prefix = findPrefix(network);
  return routes.filter(({ gw }) => {
    const hop = findIp(gw);
    return prefix !== undefined && hop !== undefined && contains(prefix, hop);
  });
}

/** A route as the kernel takes it: Spiderpool passes over host bits of a destination. One that cannot be read stays as it is. */
export function canonicalRoute(route: SpiderRoute): SpiderRoute {
  const [target, hop] = [findPrefix(route.dst), findIp(route.gw)];
  return target === undefined || hop === undefined ? route : { dst: formatPrefix(target), gw: formatIp(hop) };
}
