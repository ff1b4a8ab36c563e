import { deleteLinks, findLink, type RouteSocket } from '#netlink';
import type { Handles } from './handles.ts';
import type { LinkItem, VethPeer } from './wiring.ts';

/**
 * Deletes those links that are there and ours, with one wait for the kernel a namespace. The pod's come first: with its
 * end of a veth pair goes the host's, so that most often there is one wait in all. What the pod has made of its end does
 * not save the host's.
 * @throws the first failure, when everything was tried
 */
export async function deleteOurLinks(items: readonly LinkItem[], handles: Handles): Promise<void> {
  const failures: unknown[] = [];
  for (const place of ['pod', 'host'] as const) {
    const socket = handles[place]?.socket;
    if (socket === undefined) continue;
    try {
      const ifindexes = items.flatMap(item =>
        ourIfindex(
          item,
          endsOf(item).filter(end => end.place === place),
          socket,
        ),
      );
      await deleteLinks(socket, ifindexes);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

type LinkEnd = LinkItem | VethPeer;

function endsOf(item: LinkItem): readonly LinkEnd[] {
  switch (item.link.type) {
    case 'existing':
    case 'moved':
      return [];
    case 'veth':
      return [item, item.link.peer];
    default:
      return [item];
  }
}

/** The index of the first of the ends that is there and ours: another end goes with it. */
function ourIfindex({ link }: LinkItem, ends: readonly LinkEnd[], socket: RouteSocket): readonly number[] {
  for (const end of ends) {
    const fact = findLink(socket, end.name);
    if (fact === undefined || fact.kind !== link.type) continue;
    // A bridge takes on the MAC of its ports: no proof of anything.
    if (link.type !== 'bridge' && end.mac !== undefined && end.mac !== fact.mac) continue;
    return [fact.ifindex];
  }
  return [];
}
