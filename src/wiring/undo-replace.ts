import { codeOf } from '#base';
import { addAddress, addRoute, deleteAddress, findLink, type RouteSocket, replaceNeighbour, setVf } from '#netlink';
import { writeSysctl } from '#netns';
import type { Handles, PlaceHandle } from './handles.ts';
import { routeSpec } from './netlink-spec.ts';
import { observeKernel } from './observe-kernel.ts';
import { restoreLink } from './restore-link.ts';
import { type Remark, returnDevice } from './return-device.ts';
import { undoCreate } from './undo-create.ts';
import type { AddressItem, NeighbourItem, RouteItem, SysctlItem, VfItem, WiringItem } from './wiring.ts';

/**
 * Puts back what a `replace` found. Left alone when the kernel holds neither ours nor nothing: then the apply never came
 * here, or somebody has changed it since and knows better.
 */
export async function undoReplace(
  item: WiringItem,
  previous: WiringItem,
  handles: Handles,
  remark: Remark,
): Promise<void> {
  if (item.kind === 'link') {
    if (previous.kind !== 'link') return;
    if (item.link.type === 'moved' && previous.place !== item.place)
      returnDevice(item, item.link, previous, handles, remark);
    else restoreLink(item, previous, handles);
    return;
  }
  const handle = handles[item.place];
  if (handle === undefined || (item.kind === 'absent' && item.isFinal === true)) return;
  const seen = observeKernel(item, handles);
  if (seen.state === 'different') return;
  const isOursThere = seen.state === 'equal' && item.kind !== 'absent';
  const isRestored = restore(previous, handle, isOursThere);
  if (!isRestored && isOursThere) await undoCreate(item, handles);
}

/** False when the previous state can no longer be. */
function restore(previous: WiringItem, handle: PlaceHandle, isOursThere: boolean): boolean {
  switch (previous.kind) {
    case 'sysctl':
      // Its file goes with the link; without one there is nothing to set.
      if (isOursThere) restoreSysctl(previous, handle);
      return true;
    case 'address':
    case 'route':
    case 'neighbour':
      return restoreOnLink(previous, handle, isOursThere);
    case 'vf':
      if (isOursThere) restoreVf(previous, handle);
      return true;
    default:
      return true;
  }
}

function restoreSysctl(previous: SysctlItem, { ns }: PlaceHandle): void {
  try {
    writeSysctl(ns, previous.path, previous.value);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** A physical function that has gone has taken its virtual ones along. */
function restoreVf({ dev, vf, setting }: VfItem, { socket }: PlaceHandle): void {
  const link = findLink(socket, dev);
  if (link !== undefined) setVf(socket, link.ifindex, vf, setting);
}

/**
 * What the kernel says when the previous state has lost its ground meanwhile: its device, its gateway's subnet or its
 * source address. It would have been dropped along with that, so there is nothing to restore.
 */
const GROUNDLESS_CODES: readonly string[] = ['ENODEV', 'ENETDOWN', 'ENETUNREACH', 'EINVAL'];

function restoreOnLink(previous: OnLinkItem, { socket }: PlaceHandle, isOursThere: boolean): boolean {
  const ifindex = findLink(socket, previous.dev)?.ifindex;
  if (ifindex === undefined) return false;
  try {
    addPrevious(previous, socket, ifindex, isOursThere);
    return true;
  } catch (error) {
    if (!GROUNDLESS_CODES.includes(codeOf(error))) throw error;
    return false;
  }
}

type OnLinkItem = AddressItem | RouteItem | NeighbourItem;

function addPrevious(previous: OnLinkItem, socket: RouteSocket, ifindex: number, isOursThere: boolean): void {
  switch (previous.kind) {
    case 'address': {
      const scope = previous.scope === undefined ? {} : { scope: previous.scope };
      if (isOursThere) deleteAddress(socket, { ifindex, address: previous.address });
      addAddress(socket, { ifindex, address: previous.address, ...scope });
      return;
    }
    case 'route':
      // Beside, not instead of, those that have stood there all along.
      if (isOursThere) addRoute(socket, routeSpec(previous, ifindex), { replace: true });
      else addRoute(socket, routeSpec(previous, ifindex), { beside: true });
      return;
    case 'neighbour':
      replaceNeighbour(socket, { ifindex, address: previous.address, lladdr: previous.lladdr });
      return;
  }
}
