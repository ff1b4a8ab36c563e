/** What the tests of this room share. */

import type { LinkFact, RouteFact } from '#netlink';
import { emptyNsFacts, type NsFacts } from './facts.ts';

/** A link that is up. */
export function link(ifindex: number, name: string, more: Partial<LinkFact> = {}): LinkFact {
  return { ifindex, name, mtu: 1500, isUp: true, isLoopback: name === 'lo', ...more };
}

/** A route of the main table. */
export function route(dst: string, dev: string | undefined, more: Partial<RouteFact> = {}): RouteFact {
  const family = dst.includes(':') ? 6 : 4;
  const scope = more.via === undefined ? 'link' : 'universe';
  return { family, dst, table: 254, scope, protocol: 3, ...(dev === undefined ? {} : { dev }), ...more };
}

export function facts(parts: Partial<NsFacts>): NsFacts {
  return { ...emptyNsFacts, ...parts };
}
