import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { GATEWAY, MASTER, NODE_IP } from './lan.ts';
import type { BenchPod } from './pods.ts';
import type { CniCall, CniTiming, Stopwatch } from './stopwatch.ts';

/** One way to attach a pod, one at a time. Each returns nanoseconds. */
export interface Contestant {
  readonly name: string;
  add(pod: BenchPod): number;
  del(pod: BenchPod): number;
}

/** One way to attach a pod by calling CNI plugins. */
export interface CniContestant {
  readonly name: string;
  add(pod: BenchPod): readonly CniCall[];
  /** @param added what the calls of `add` printed */
  del(pod: BenchPod, added: readonly string[]): readonly CniCall[];
}

/** A build of Underlane with its running agent. */
export interface OwnBuild {
  /** What tells it from others in the report. */
  readonly label: string;
  /** Its programs. */
  readonly cniPath: string;
  /** How they find the agent. */
  readonly env: Readonly<Record<string, string>>;
}

/** The way between a pod and its node. */
export const VETH = {
  type: 'veth',
  service_hijack_subnet: ['10.96.0.0/12'],
  overlay_hijack_subnet: ['10.244.0.0/16'],
};

/** The netlink messages alone, timed inside the program. */
export function floor(workDir: string): Contestant {
  let count = 0;
  const run = (verb: string, { containerId, netns }: BenchPod, number: number): number => {
    const ip = `172.18.${1 + (number >> 7)}.${1 + (number & 127)}`;
    const args = [verb, netns, MASTER, `veth${containerId.slice(0, 11)}`, ip, NODE_IP, GATEWAY];
    return Number(execFileSync(join(workDir, 'floor'), args, { encoding: 'utf8' }));
  };
  return { name: 'floor: macvlan + veth', add: pod => run('add', pod, ++count), del: pod => run('del', pod, count) };
}

/** One call of `underlane` for the whole chain, as on a node. */
export function ownPod(build: OwnBuild): CniContestant {
  const plugins = [macvlan('172.18.16.0'), VETH];
  const delegates = [{ cniVersion: '1.0.0', name: 'bench-pod', plugins }];
  const config = { cniVersion: '1.0.0', name: 'underlane', type: 'underlane', delegates };
  return plugin(`${build.label}: macvlan + host-local + veth`, build.cniPath, config, build.env);
}

/** One call of `macvlan`, to compare like with like. */
export function ownMacvlan(build: OwnBuild): CniContestant {
  const config = { cniVersion: '1.0.0', name: 'bench-macvlan', ...macvlan('172.18.32.0') };
  return plugin(`${build.label}: macvlan + host-local`, build.cniPath, config, build.env);
}

/** Debian's programs: macvlan, which executes host-local. */
export function debianMacvlan(cniPath: string, dataDir: string): CniContestant {
  return plugin("Debian's: macvlan + host-local", cniPath, debianConfig('bench-debian', dataDir), {});
}

/** Debian's configuration of one network; every network's addresses are its own. */
export function debianConfig(name: string, dataDir: string): Readonly<Record<string, unknown>> {
  const { ipam, ...main } = macvlan('172.18.48.0');
  return { cniVersion: '1.0.0', name, ...main, ipam: { ...ipam, dataDir } };
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

function plugin(
  name: string,
  cniPath: string,
  config: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string>>,
): CniContestant {
  const program = join(cniPath, String(config['type']));
  const call = ({ containerId, netns }: BenchPod) => ({ program, containerId, netns, ifname: 'eth0', cniPath, env });
  return {
    name,
    add: pod => [{ ...call(pod), command: 'ADD', config }],
    del: (pod, added) => [
      { ...call(pod), command: 'DEL', config: { ...config, prevResult: JSON.parse(added[0] ?? '') } },
    ],
  };
}

/** Lets a contestant attach pods one at a time. */
export function oneByOne(contestant: CniContestant, stopwatch: Stopwatch): Contestant {
  const results = new Map<string, readonly string[]>();
  const one = (calls: readonly CniCall[]): CniTiming => {
    const [timing] = stopwatch.time([calls], 1);
    if (timing === undefined) throw new Error('The stopwatch timed nothing');
    return timing;
  };
  return {
    name: contestant.name,
    add: pod => {
      const { ns, stdout } = one(contestant.add(pod));
      results.set(pod.containerId, stdout);
      return ns;
    },
    del: pod => one(contestant.del(pod, results.get(pod.containerId) ?? [])).ns,
  };
}
