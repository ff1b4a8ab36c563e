import {
  type LinkFact,
  type LinkNames,
  listAddresses,
  listLinks,
  listNeighbours,
  listRoutes,
  listRules,
  type RouteSocket,
} from '#netlink';
import type { NetNamespace } from '#netns';
import { emptyNsFacts, type NsFacts } from './facts.ts';
import { readSysctls } from './read-sysctls.ts';

export interface ReadNsFactsOptions {
  /** Sysctls to read along (`net/ipv4/ip_forward`); those that the kernel does not have are left out. */
  readonly sysctls?: readonly string[];
  /** The socket's namespace, for the sysctls. @default the process's own */
  readonly ns?: NetNamespace;
}

/** Reads the whole state of the socket's namespace. @throws NetlinkError, NetnsError */
export function readNsFacts(socket: RouteSocket, options: ReadNsFactsOptions = {}): NsFacts {
  const tables = readTables(socket);
  // The kernel looks through the neighbours of all namespaces for those of one; a new pod's has nobody to talk to.
  const isAlone = tables.links.every(({ isLoopback }) => isLoopback);
  return {
    ...tables,
    neighbours: isAlone ? [] : listNeighbours(socket, namesOf(tables.links)),
    sysctls: readSysctls(options.ns, options.sysctls ?? [], tables.links),
  };
}

/** Reads what the kernel also announces: everything but neighbours and sysctls, which are left empty. @throws NetlinkError */
export function readTables(socket: RouteSocket): NsFacts {
  const links = listLinks(socket);
  const names = namesOf(links);
  return {
    ...emptyNsFacts,
    links,
    addresses: listAddresses(socket, names),
    routes: listRoutes(socket, names),
    rules: listRules(socket),
  };
}

function namesOf(links: readonly LinkFact[]): LinkNames {
  return new Map(links.map(({ ifindex, name }) => [ifindex, name]));
}
