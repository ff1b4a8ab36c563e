import type { SpiderRoute } from '#api';
import { findIp, findPrefix, formatIp, formatPrefix } from '#ip';

/** A route as the kernel takes it: Spiderpool passes over host bits of a destination. One that cannot be read stays as it is. */
export function canonicalRoute(route: SpiderRoute): SpiderRoute {
  const [target, hop] = [findPrefix(route.dst), findIp(route.gw)];
  return target === undefined || hop === undefined ? route : { dst: formatPrefix(target), gw: formatIp(hop) };
}
