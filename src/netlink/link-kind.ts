import { codeOf } from '#base';
import { nested, text } from './attribute.ts';
import { encodeLinkHeader, IFLA_INFO_KIND, IFLA_LINKINFO, RTM_NEWLINK } from './link-message.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from './message.ts';
import type { RouteSocket } from './route-socket.ts';

/** Kinds that live on a parent link: asked for without one, a kernel that knows them refuses, so asking makes nothing. */
export type ChildLinkKind = 'macvlan' | 'ipvlan' | 'vlan';

/**
 * Whether the kernel has a kind of link, loading its module if there is one to load.
 * Same as: `ip link add type KIND` and looking whether the kernel says "Unknown device type".
 *
 * @throws NetlinkError EPERM
 */
export function hasLinkKind(socket: RouteSocket, kind: ChildLinkKind): boolean {
  const attributes = [nested(IFLA_LINKINFO, [text(IFLA_INFO_KIND, kind)])];
  try {
    socket.request(
      { type: RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL, header: encodeLinkHeader({}), attributes },
      `look for link kind "${kind}"`,
    );
  } catch (error) {
    if (codeOf(error) === 'EPERM') throw error;
    return codeOf(error) !== 'EOPNOTSUPP';
  }
  throw new TypeError(`Asking for link kind "${kind}" made a link`);
}
