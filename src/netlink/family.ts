import type { Family, RouteScope } from './fact.ts';

export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_INET6 = 10;

/** `4` -> AF_INET. */
export function toAddressFamily(family: Family): number {
  return family === 4 ? AF_INET : AF_INET6;
}

/** AF_INET -> `4`; undefined for every other family: MPLS, multicast routing, bridges share the same message types. */
export function toFamily(addressFamily: number): Family | undefined {
  return addressFamily === AF_INET ? 4 : addressFamily === AF_INET6 ? 6 : undefined;
}

/** RT_SCOPE_*. */
const SCOPES: Readonly<Record<RouteScope, number>> = { universe: 0, site: 200, link: 253, host: 254, nowhere: 255 };

export const RT_SCOPE_NOWHERE = SCOPES.nowhere;

export function encodeScope(scope: RouteScope): number {
  return SCOPES[scope];
}

/** Numbers between the named ones are free for the user; the kernel compares them by size, and so do we. */
export function decodeScope(scope: number): RouteScope {
  if (scope === SCOPES.nowhere) return 'nowhere';
  if (scope === SCOPES.host) return 'host';
  if (scope === SCOPES.link) return 'link';
  return scope >= SCOPES.site ? 'site' : 'universe';
}
