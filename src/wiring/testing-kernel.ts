/** A node and a pod in namespaces of their own, and what the kernel says of them, for the kernel tests of this room. */
import { execFileSync } from 'node:child_process';
import { type Facts, type NsFacts, readNsFacts } from '#facts';
import { createNamespace, deleteNamespace } from '#netns';
import { type Handles, openHandles, type PlaceHandle } from './handles.ts';
import { readWiredNftables } from './read-wired-nftables.ts';
import { requiredSysctls } from './required-sysctls.ts';
import type { Place, Wiring } from './wiring.ts';

export interface TestNode extends Disposable {
  readonly handles: Handles;
  readonly podNetns: string;
  /** A second pod's namespace, which nothing holds open. */
  readonly otherNetns: string;
  /** Runs shell commands inside; what they print. */
  run(place: Place, script: string): string;
  /** What the kernel has, by `ip -j`, in a form that is equal exactly when the configuration is. */
  snapshot(): unknown;
  snapshotHost(): unknown;
  facts(wiring: Wiring): Facts;
}

/** A node with 172.18.0.2/16 on `up0`, plus state that belongs to somebody else, and an empty pod. */
export function createTestNode(name: string): TestNode {
  const paths = { host: `/run/netns/${name}-host-${process.pid}`, pod: `/run/netns/${name}-pod-${process.pid}` };
  const otherNetns = `/run/netns/${name}-other-${process.pid}`;
  const hostNs = createNamespace(paths.host);
  for (const path of [paths.pod, otherNetns]) createNamespace(path)[Symbol.dispose]();
  const handles = openHandles({ hostNs, podNetns: paths.pod });
  const run = (place: Place, script: string): string =>
    execFileSync('nsenter', [`--net=${paths[place]}`, 'sh', '-ec', script], { encoding: 'utf8' });
  run('host', HOST_SETUP);
  return {
    handles,
    podNetns: paths.pod,
    otherNetns,
    run,
    snapshotHost: () => snapshotNs(run('host', WITNESS)),
    snapshot: () => ({ host: snapshotNs(run('host', WITNESS)), pod: snapshotNs(run('pod', WITNESS)) }),
    facts: wiring => ({
      host: readNs(handles.host, wiring, 'host'),
      pod: handles.pod === undefined ? readNs(handles.host, [], 'host') : readNs(handles.pod, wiring, 'pod'),
    }),
    [Symbol.dispose]() {
      handles[Symbol.dispose]();
      hostNs[Symbol.dispose]();
      for (const path of [paths.host, paths.pod, otherNetns]) deleteNamespace(path);
    },
  };
}

const HOST_SETUP = `
ip link set lo up
ip link add up0 address 02:00:00:00:00:02 type veth peer name wire0
ip link set up0 up; ip link set wire0 up
ip addr add 172.18.0.2/16 dev up0
for n in 100 101 102 103 104 105; do
  ip neigh add 172.18.0.$n dev up0 lladdr 02:00:00:00:01:00 nud permanent
  ip route add 172.18.0.$n/32 dev up0 proto static src 172.18.0.2
done
for n in 0 1 2 3; do
  ip link add spare$n address 0a:58:00:00:07:0$n type veth peer name cable$n
  ip link set cable$n up
  ip addr add 192.0.2.10$n/32 dev up0
  ip route add 198.51.100.$n/32 dev up0 proto static
done
ip link set spare0 up; ip link set spare2 up
ip rule add priority 1000 from 192.0.2.1 table 500
ip route add 192.0.2.0/24 dev up0 table 500
`;

/** One JSON document a line, then sysctls. */
const WITNESS = `
ip -j -d link; ip -j addr; ip -j -4 route show table all; ip -j -6 route show table all
ip -j -4 rule; ip -j -6 rule; ip -j -4 neigh show nud permanent; ip -j -6 neigh show nud permanent
cd /proc/sys/net; grep -s . ipv4/ip_forward ipv4/conf/*/rp_filter ipv6/conf/*/accept_ra || true
`;

type Json = Record<string, unknown>;

function snapshotNs(output: string): unknown {
  const lines = output.trim().split('\n');
  // `ip -j` prints an empty line where there is nothing to print.
  const [links, addresses, routes4, routes6, rules4, rules6, neighbours4, neighbours6] = lines
    .slice(0, 8)
    .map(line => (line === '' ? [] : (JSON.parse(line) as Json[])));
  const names = new Map((links ?? []).map(link => [link['ifname'], link]));
  return {
    links: sorted((links ?? []).map(linkOf)),
    addresses: sorted((addresses ?? []).flatMap(addressesOf)),
    // Routes that the kernel makes come and go with addresses and carrier.
    routes: sorted([...(routes4 ?? []), ...(routes6 ?? [])].filter(each => each['protocol'] !== 'kernel').map(routeOf)),
    rules: sorted([...(rules4 ?? []), ...(rules6 ?? [])]),
    neighbours: sorted([...(neighbours4 ?? []), ...(neighbours6 ?? [])].filter(each => names.has(each['dev']))),
    sysctls: lines.slice(8),
  };
}

function linkOf(link: Json): Json {
  const { ifname, address, mtu, flags, master, linkinfo } = link;
  const isUp = Array.isArray(flags) && flags.includes('UP');
  const info = linkinfo as Json | undefined;
  const data = info?.['info_data'] as Json | undefined;
  return { ifname, address, mtu, isUp, master, kind: info?.['info_kind'], mode: data?.['mode'] };
}

/** Without what the kernel gives a link by itself when it comes up. */
function addressesOf(link: Json): Json[] {
  return (link['addr_info'] as Json[])
    .filter(address => link['ifname'] !== 'lo' && !String(address['local']).startsWith('fe80:'))
    .map(({ local, prefixlen, scope, broadcast }) => ({ dev: link['ifname'], local, prefixlen, scope, broadcast }));
}

/** Flags such as `linkdown` follow the carrier. */
function routeOf(route: Json): Json {
  const { flags: _flags, pref: _pref, ...rest } = route;
  return rest;
}

function sorted(values: readonly Json[]): string[] {
  return values.map(value => JSON.stringify(value)).toSorted();
}

function readNs(handle: PlaceHandle, wiring: Wiring, place: Place): NsFacts {
  return {
    ...readNsFacts(handle.socket, { ns: handle.ns, sysctls: requiredSysctls(wiring, place) }),
    ...readWiredNftables(handle, wiring, place),
  };
}
