import { listAddresses, listLinks, listNeighbours, listRoutes, listRules, type RouteSocket } from '#netlink';
import type { NetNamespace } from '#netns';
import type { NsFacts } from './facts.ts';
import { readSysctls } from './read-sysctls.ts';

export interface ReadNsFactsOptions {
  /** Sysctls to read along (`net/ipv4/ip_forward`); those that the kernel does not have are left out. */
  readonly sysctls?: readonly string[];
  /** The socket's namespace, for the sysctls. @default the process's own */
  readonly ns?: NetNamespace;
}

/** Reads the whole state of the socket's namespace. @throws NetlinkError, NetnsError */
export function readNsFacts(socket: RouteSocket, options: ReadNsFactsOptions = {}): NsFacts {
  const links = listLinks(socket);
  const names = new Map(links.map(link => [link.ifindex, link.name]));
  return {
    links,
    addresses: listAddresses(socket, names),
    routes: listRoutes(socket, names),
    rules: listRules(socket),
    neighbours: listNeighbours(socket, names),
    sysctls: readSysctls(options.ns, options.sysctls ?? [], links),
  };
}
