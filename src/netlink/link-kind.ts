import { codeOf } from '#base';
import { bytes, nested, text } from './attribute.ts';
import {
  encodeLinkHeader,
  IFLA_ADDRESS,
  IFLA_IFNAME,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  RTM_NEWLINK,
} from './link-message.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from './message.ts';
import type { RouteSocket } from './route-socket.ts';

/** Kinds of link that Underlane makes or meets; kernels are built without some of them. */
export const LINK_KINDS = ['bond', 'bridge', 'dummy', 'ipvlan', 'macvlan', 'veth', 'vlan', 'vrf', 'vxlan'] as const;

export type LinkKindName = (typeof LINK_KINDS)[number];

/** Whether it is one of {@link LINK_KINDS}. */
export function isLinkKindName(text: string): text is LinkKindName {
  return LINK_KINDS.some(kind => kind === text);
}

/** A MAC that no link can have, and a name that no link can have: whoever knows the kind refuses them. */
const IMPOSSIBLE_MAC = Uint8Array.of(1, 0, 0, 0, 0, 1);
const IMPOSSIBLE_NAME = '.';

/**
 * Whether the kernel has a kind of link, loading its module if there is one to load. Makes nothing.
 * Same as: `ip link add type KIND` and looking whether the kernel says "Unknown device type".
 *
 * @throws NetlinkError EPERM
 */
export function hasLinkKind(socket: RouteSocket, kind: LinkKindName): boolean {
  const attributes = [
    bytes(IFLA_ADDRESS, IMPOSSIBLE_MAC),
    text(IFLA_IFNAME, IMPOSSIBLE_NAME),
    nested(IFLA_LINKINFO, [text(IFLA_INFO_KIND, kind)]),
  ];
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

/** The kernel's link kinds as a table. @throws NetlinkError EPERM */
export function readLinkKinds(socket: RouteSocket): Readonly<Record<LinkKindName, boolean>> {
  // `as`: Object.fromEntries() widens the keys.
  return Object.fromEntries(LINK_KINDS.map(kind => [kind, hasLinkKind(socket, kind)])) as Record<LinkKindName, boolean>;
}
