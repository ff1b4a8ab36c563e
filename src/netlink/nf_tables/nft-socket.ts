import { type NetNamespace, runSync } from '#netns';
import type { Request } from '../message.ts';
import { type Decoder, NETLINK_NETFILTER, openSocket, type RouteSocket, routeSocketOf } from '../route-socket.ts';
import { commitBatch } from './commit-batch.ts';
import type { NftChange } from './nft-message.ts';

/** An nf_tables socket, bound for life to the namespace that it was opened in. Dispose it to close it. Methods throw NetlinkError. */
export interface NftSocket extends Disposable {
  /** Makes all the changes at once, or none: packets never see a part of them. */
  commit(changes: readonly NftChange[]): void;
  /** As {@link RouteSocket.dump}. */
  dump<T>(request: Request, action: string, decode: Decoder<T>): T[];
  /** As {@link RouteSocket.fetch}. */
  fetch<T>(request: Request, action: string, decode: Decoder<T>): T;
}

/** Opens it in a namespace, the process's own without `ns`. The namespace may be disposed afterwards. @throws SysError, NetnsError */
export function openNftSocket(ns?: NetNamespace): NftSocket {
  const open = (): number => openSocket(NETLINK_NETFILTER);
  const fd = ns === undefined ? open() : runSync(ns, open);
  const socket: RouteSocket = routeSocketOf(fd);
  let batches = 0;
  return {
    commit(changes) {
      if (changes.length > 0) commitBatch(fd, changes, batches++);
    },
    dump: (request, action, decode) => socket.dump(request, action, decode),
    fetch: (request, action, decode) => socket.fetch(request, action, decode),
    [Symbol.dispose]: () => socket[Symbol.dispose](),
  };
}
