import { hasCarrier, monitorNamespace, openRouteSocket, type RouteSocket } from '#netlink';
import type { NetNamespace } from '#netns';

/**
 * Waits until links of a namespace are up and connected to something, for so long at most. Links that have gone are not
 * waited for.
 * @throws NetlinkError, NetnsError, SysError; the signal's reason
 */
export async function awaitCarrier(
  ns: NetNamespace,
  ifindexes: readonly number[],
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  using socket = openRouteSocket(ns);
  if (areReady(socket, ifindexes)) return;
  const over = new AbortController();
  const limit = setTimeout(() => over.abort(), limitMs);
  try {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        try {
          if (areReady(socket, ifindexes)) resolve();
        } catch (error) {
          reject(error);
        }
      };
      const watching = AbortSignal.any([signal, over.signal]);
      watching.addEventListener('abort', () => (signal.aborted ? reject(signal.reason) : resolve()), { once: true });
      monitorNamespace({ ns, groups: ['link'], onMessage: look, onOverrun: look, signal: watching });
      // It may have come before the monitor.
      look();
    });
  } finally {
    clearTimeout(limit);
    over.abort();
  }
}

function areReady(socket: RouteSocket, ifindexes: readonly number[]): boolean {
  return ifindexes.every(ifindex => hasCarrier(socket, ifindex) !== false);
}
