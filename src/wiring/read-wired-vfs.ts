import type { NsFacts } from '#facts';
import { findLink, listVfs } from '#netlink';
import type { PlaceHandle } from './handles.ts';
import type { Place, Wiring } from './wiring.ts';

/** The facts of those virtual functions that a wiring changes in one place; none, and nothing asked, when it changes none. */
export function readWiredVfs(handle: PlaceHandle, wiring: Wiring, place: Place): Pick<NsFacts, 'vfs'> {
  return readVfs(
    handle,
    wiring.flatMap(item => (item.kind === 'vf' && item.place === place ? [item.dev] : [])),
  );
}

/** The virtual functions of these physical ones, as far as they are there. */
export function readVfs({ socket }: PlaceHandle, devs: readonly string[]): Pick<NsFacts, 'vfs'> {
  if (devs.length === 0) return {};
  const entries = [...new Set(devs)].flatMap(dev => {
    const link = findLink(socket, dev);
    return link === undefined ? [] : [[dev, listVfs(socket, link.ifindex)] as const];
  });
  return { vfs: Object.fromEntries(entries) };
}
