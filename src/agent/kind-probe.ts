import { hasLinkKind, isLinkKindName, openRouteSocket } from '#netlink';

/** Kinds that the kernel does not have, each asked for once. */
export function createKindProbe(): (kind: string) => boolean {
  const known = new Map<string, boolean>();
  return kind => {
    if (!isLinkKindName(kind)) return false;
    let has = known.get(kind);
    if (has === undefined) {
      using socket = openRouteSocket();
      has = hasLinkKind(socket, kind);
      known.set(kind, has);
    }
    return !has;
  };
}
