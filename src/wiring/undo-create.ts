import { codeOf } from '#base';
import { deleteAddress, deleteNeighbour, deleteRoute, deleteRule, findLink } from '#netlink';
import { undoNft } from './apply-nft.ts';
import { deleteOurLinks } from './delete-our-links.ts';
import type { Handles } from './handles.ts';
import { routeSpec, ruleSpec } from './netlink-spec.ts';
import { observeKernel } from './observe-kernel.ts';
import type { AddressItem, NeighbourItem, RouteItem, RuleItem, WiringItem } from './wiring.ts';

/** Deletes what a `create` made, if it is there and ours. Waits for the kernel where that takes long: for links. */
export async function undoCreate(item: WiringItem, handles: Handles): Promise<void> {
  switch (item.kind) {
    case 'link':
      return deleteOurLinks([item], handles);
    case 'address':
    case 'route':
    case 'rule':
    case 'neighbour':
      return deleteItem(item, handles);
    case 'nft-table':
    case 'nft-chain':
    case 'nft-rule': {
      const place = handles[item.place];
      if (place !== undefined) undoNft(item, place);
      return;
    }
    case 'sysctl':
    case 'absent':
    case 'vf':
      // The one came with its link and goes with it, the next has made nothing, and of the last nobody knows what it was.
      return;
  }
}

async function deleteItem(item: AddressItem | RouteItem | RuleItem | NeighbourItem, handles: Handles): Promise<void> {
  const socket = handles[item.place]?.socket;
  if (socket === undefined || observeKernel(item, handles).state !== 'equal') return;
  await tolerateAbsent(() => {
    if (item.kind === 'rule') return deleteRule(socket, ruleSpec(item));
    const ifindex = findLink(socket, item.dev)?.ifindex;
    if (ifindex === undefined) return;
    switch (item.kind) {
      case 'address':
        return deleteAddress(socket, { ifindex, address: item.address });
      case 'route':
        return deleteRoute(socket, routeSpec(item, ifindex));
      case 'neighbour':
        return deleteNeighbour(socket, { ifindex, address: item.address });
    }
  });
}

/** What the kernel says when the thing went away between look and delete, as a dying namespace takes its links along. */
const ABSENT_CODES: readonly string[] = ['ENODEV', 'ESRCH', 'ENOENT', 'EADDRNOTAVAIL'];

async function tolerateAbsent(remove: () => void | Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!ABSENT_CODES.includes(codeOf(error))) throw error;
  }
}
