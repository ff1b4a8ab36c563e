import { execFileSync } from 'node:child_process';
import { createNamespace, deleteNamespace } from '#netns';
import { ip } from '../agent/test-node.ts';

/** A pod's namespace, gone when disposed of. */
export interface TestPod extends Disposable {
  readonly path: string;
  /** Addresses and routes as `ip` tells them, less what the kernel makes by itself. */
  state(dev: string): unknown;
  hasLink(name: string): boolean;
}

export function makePod(name: string): TestPod {
  const path = `/run/netns/${name}`;
  createNamespace(path);
  // The reference waits for duplicate address detection, a second or two each time.
  const noDad = 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad';
  execFileSync('nsenter', [`--net=${path}`, 'sh', '-c', noDad]);
  return {
    path,
    state: dev => ({ addresses: addressesOf(name, dev), routes: routesOf(name, dev) }),
    hasLink: link => linksOf(name).includes(link),
    [Symbol.dispose]: () => deleteNamespace(path),
  };
}

function linksOf(ns: string): readonly string[] {
  const links = JSON.parse(ip(`-j -n ${ns} link`)) as { ifname: string }[];
  return links.map(({ ifname }) => ifname);
}

interface IpAddress {
  readonly family: string;
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
}

function addressesOf(ns: string, dev: string): readonly unknown[] {
  const [link] = JSON.parse(ip(`-j -n ${ns} addr show dev ${dev}`)) as { addr_info: IpAddress[]; operstate: string }[];
  const addresses = (link?.addr_info ?? []).filter(({ local }) => !local.startsWith('fe80:'));
  return addresses.map(({ local, prefixlen, scope }) => ({ local, prefixlen, scope }));
}

interface IpRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly scope?: string;
  readonly metric?: number;
  readonly prefsrc?: string;
}

function routesOf(ns: string, dev: string): readonly unknown[] {
  const routes = ['-4', '-6'].flatMap(
    family => JSON.parse(ip(`-j ${family} -n ${ns} route show dev ${dev}`)) as IpRoute[],
  );
  return routes
    .filter(({ dst }) => !dst.startsWith('fe80:') && !dst.startsWith('ff00:'))
    .map(({ dst, gateway, scope, metric, prefsrc }) => ({ dst, gateway, scope, metric, prefsrc }))
    .sort((a, b) => (a.dst < b.dst ? -1 : 1));
}
