import { type NftSocket, openNftSocket, openRouteSocket, type RouteSocket } from '#netlink';
import { type NetNamespace, openNamespaceIfThere, openOwnNamespace } from '#netns';

/** One namespace, open for changing. */
export interface PlaceHandle {
  readonly ns: NetNamespace;
  readonly socket: RouteSocket;
  /** For its nftables: opened by the first who asks, and closed with the rest. */
  readonly nftables: () => NftSocket;
}

/** The namespaces of one request. Without `pod`, the pod's is gone: undo takes that as "nothing is left there". */
export interface Handles extends Disposable {
  readonly host: PlaceHandle;
  readonly pod?: PlaceHandle;
}

export interface HandlesOptions {
  /** Stays the caller's to close; without it the process's own namespace is the host's. */
  readonly hostNs?: NetNamespace | undefined;
  /** CNI_NETNS. No `pod` handle when it is undefined, leads to no namespace any more or to the host's own. */
  readonly podNetns: string | undefined;
}

/**
 * Opens both namespaces with a route socket each; disposing closes what was opened here.
 *
 * @throws NetnsError or SysError when a namespace that exists cannot be opened; nothing stays open then
 */
export function openHandles({ hostNs, podNetns }: HandlesOptions): Handles {
  using stack = new DisposableStack();
  const ownNs = hostNs ?? stack.use(openOwnNamespace());
  const host = openPlace(ownNs, stack);
  const podNs = podNetns === undefined ? undefined : openNamespaceIfThere(podNetns);
  if (podNs !== undefined) stack.use(podNs);
  // A path below /proc may lead to another process by now; changing the node in the pod's name would be the end of it.
  const isOwn = podNs !== undefined && podNs.inode === ownNs.inode;
  const pod = podNs === undefined || isOwn ? {} : { pod: openPlace(podNs, stack) };
  const opened = stack.move();
  return { host, ...pod, [Symbol.dispose]: () => opened.dispose() };
}

function openPlace(ns: NetNamespace, stack: DisposableStack): PlaceHandle {
  const socket = stack.use(openRouteSocket(ns));
  let nftables: NftSocket | undefined;
  stack.defer(() => nftables?.[Symbol.dispose]());
  return { ns, socket, nftables: () => (nftables ??= openNftSocket(ns)) };
}
