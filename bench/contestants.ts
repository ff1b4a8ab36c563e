import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { GATEWAY, MASTER, NODE_IP } from './lan.ts';
import type { CniTiming, Stopwatch } from './stopwatch.ts';

export interface BenchPod {
  readonly containerId: string;
  readonly netns: string;
  /** For who does not ask IPAM. */
  readonly ip: string;
}

/** One way to attach a pod. Each returns nanoseconds. */
export interface Contestant {
  readonly name: string;
  add(pod: BenchPod): number;
  del(pod: BenchPod): number;
}

const OWN_PLUGINS = 'dist/cni';
const HIJACKED = { service_hijack_subnet: ['10.96.0.0/12'], overlay_hijack_subnet: ['10.244.0.0/16'] };

/** The netlink messages alone, timed inside the program. */
export function floor(workDir: string): Contestant {
  const run = (verb: string, { containerId, netns, ip }: BenchPod): number => {
    const hostEnd = `veth${containerId.slice(0, 11)}`;
    const args = [verb, netns, MASTER, hostEnd, ip, NODE_IP, GATEWAY];
    return Number(execFileSync(join(workDir, 'floor'), args, { encoding: 'utf8' }));
  };
  return { name: 'floor: macvlan + veth', add: pod => run('add', pod), del: pod => run('del', pod) };
}

/** One call of `underlane` for the whole chain, as on a node. */
export function ownPod(stopwatch: Stopwatch): Contestant {
  const plugins = [macvlan('172.18.16.0'), { type: 'veth', ...HIJACKED }];
  const delegates = [{ cniVersion: '1.0.0', name: 'bench-pod', plugins }];
  const config = { cniVersion: '1.0.0', name: 'underlane', type: 'underlane', delegates };
  return exec('underlane: macvlan + host-local + veth', stopwatch, OWN_PLUGINS, config);
}

/** One call of `macvlan`, to compare like with like. */
export function ownMacvlan(stopwatch: Stopwatch): Contestant {
  const config = { cniVersion: '1.0.0', name: 'bench-macvlan', ...macvlan('172.18.32.0') };
  return exec('underlane: macvlan + host-local', stopwatch, OWN_PLUGINS, config);
}

/** Debian's programs: macvlan, which executes host-local. */
export function debianMacvlan(stopwatch: Stopwatch, cniPath: string, dataDir: string): Contestant {
  const { ipam, ...plugin } = macvlan('172.18.48.0');
  const config = { cniVersion: '1.0.0', name: 'bench-debian', ...plugin, ipam: { ...ipam, dataDir } };
  return exec("Debian's: macvlan + host-local", stopwatch, cniPath, config);
}

/** A plugin's config with 4000 addresses of its own, so that no two contestants ever meet on one. */
function macvlan(from: string) {
  const rangeStart = from.replace(/\.0$/, '.10');
  const range = {
    subnet: '172.18.0.0/16',
    rangeStart,
    rangeEnd: from.replace(/\.(\d+)\.0$/, (_, third) => `.${Number(third) + 15}.250`),
    gateway: GATEWAY,
  };
  const ipam = { type: 'host-local', ranges: [[range]], routes: [{ dst: '0.0.0.0/0' }] };
  return { type: 'macvlan', master: MASTER, mode: 'bridge', ipam };
}

function exec(
  name: string,
  stopwatch: Stopwatch,
  cniPath: string,
  config: Readonly<Record<string, unknown>>,
): Contestant {
  const program = join(cniPath, String(config['type']));
  const call = (
    command: 'ADD' | 'DEL',
    { containerId, netns }: BenchPod,
    more: Readonly<Record<string, unknown>>,
  ): CniTiming => stopwatch({ program, command, containerId, netns, cniPath, config: { ...config, ...more } });
  const results = new Map<string, unknown>();
  return {
    name,
    add: pod => {
      const { ns, stdout } = call('ADD', pod, {});
      results.set(pod.containerId, JSON.parse(stdout));
      return ns;
    },
    del: pod => call('DEL', pod, { prevResult: results.get(pod.containerId) }).ns,
  };
}
