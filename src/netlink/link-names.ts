import { listLinks } from './link.ts';
import type { RouteSocket } from './route-socket.ts';

/** Link names by ifindex: the kernel speaks of links by index, facts by name. */
export type LinkNames = ReadonlyMap<number, string>;

/** Reads the names of all links. */
export function readLinkNames(socket: RouteSocket): LinkNames {
  return new Map(listLinks(socket).map(link => [link.ifindex, link.name]));
}
