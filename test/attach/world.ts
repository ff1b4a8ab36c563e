/** A throw-away machine for the pipeline: an uplink, pods' namespaces, a third-party plugin, and all that may be left over. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NETWORK_ATTACHMENT_DEFINITIONS, type NetworkAttachmentDefinition, PODS, type Pod } from '#api';
import { createNamespace, deleteNamespace } from '#netns';
import { startCluster, type TestCluster } from '../claims/cluster.ts';

export interface World extends AsyncDisposable {
  readonly cluster: TestCluster;
  readonly dir: string;
  makeNetns(name: string): string;
  /** @param annotations besides that of the networks */
  createPod(name: string, networks?: string, annotations?: Readonly<Record<string, string>>): Promise<Pod>;
  deletePod(name: string): Promise<void>;
  createNad(name: string, config: unknown, annotations?: Readonly<Record<string, string>>): Promise<void>;
  /** Everything that an attachment may leave behind: kernel, journal, queue, third-party plugin, API server. */
  leftOvers(): Promise<LeftOvers>;
}

export interface LeftOvers {
  readonly links: readonly string[];
  readonly routes: readonly string[];
  readonly rules: string;
  readonly neighbours: string;
  /** Links in each pod's namespace. */
  readonly pods: readonly (readonly string[])[];
  readonly plugged: readonly string[];
  readonly journal: readonly string[];
  readonly queue: readonly string[];
  readonly claims: readonly string[];
}

export const WHEREABOUTS = { type: 'whereabouts', range: '172.18.30.1-172.18.30.100/16', gateway: '172.18.0.1' };

/** Addresses of the cluster, ours and a third-party plugin, a shared bridge, a route on the host: all kinds of work. */
const DEFAULT_NETWORK = {
  cniVersion: '1.0.0',
  name: 'lan',
  plugins: [
    { type: 'macvlan', master: 'up0', ipam: { ...WHEREABOUTS, routes: [{ dst: '0.0.0.0/0' }] } },
    { type: 'veth', service_hijack_subnet: ['10.96.0.0/12'], overlay_hijack_subnet: ['10.244.0.0/16'] },
  ],
};
export const SECOND_NETWORK = {
  cniVersion: '1.0.0',
  name: 'second',
  plugins: [
    {
      type: 'bridge',
      bridge: 'ultest0',
      isGateway: true,
      ipam: { type: 'host-local', subnet: '10.244.1.0/24' },
    },
    { type: 'cable' },
  ],
};

/** Leaves a file while it is plugged in; runs `on-ADD` or `on-DEL` beside it, where that is there. */
const CABLE = `#!/bin/sh
here=$(dirname "$0")
conf=$(cat)
case $CNI_COMMAND in
  ADD) : >"$here/plugged-$CNI_CONTAINERID" ;;
  DEL) rm -f "$here/plugged-$CNI_CONTAINERID" ;;
esac
if [ -e "$here/on-$CNI_COMMAND" ]; then . "$here/on-$CNI_COMMAND"; fi
[ "$CNI_COMMAND" = ADD ] && printf '%s' "$conf" | sed 's/.*"prevResult"://; s/}$//'
exit 0
`;

export async function startWorld(): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-pipeline-'));
  for (const name of ['state', 'bin', 'conf']) mkdirSync(join(dir, name));
  writeFileSync(join(dir, 'bin', 'cable'), CABLE, { mode: 0o755 });
  writeFileSync(join(dir, 'conf', '10-lan.conflist'), JSON.stringify(DEFAULT_NETWORK));
  ip('link add up0 type veth peer name up1');
  ip('addr add 172.18.0.2/16 dev up0');
  ip('link set up0 up');
  ip('link set up1 up');
  const cluster = await startCluster();
  const pods: string[] = [];

  return {
    cluster,
    dir,
    makeNetns(name) {
      const path = `/run/netns/ul-test-${name}`;
      createNamespace(path);
      pods.push(path);
      return path;
    },
    createPod: (name, networks, annotations = {}) =>
      cluster.client.create(PODS, {
        metadata: {
          name,
          namespace: 'default',
          annotations: {
            ...annotations,
            ...(networks === undefined ? {} : { 'k8s.v1.cni.cncf.io/networks': networks }),
          },
        },
        spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'x' }] },
      }),
    deletePod: name => cluster.client.delete(PODS, { namespace: 'default', name }, { gracePeriodSeconds: 0 }),
    async createNad(name, config, annotations = {}) {
      const nad: NetworkAttachmentDefinition = {
        metadata: { name, namespace: 'default', annotations },
        spec: { config: JSON.stringify(config) },
      };
      await cluster.client.create(NETWORK_ATTACHMENT_DEFINITIONS, nad);
    },
    async leftOvers() {
      return {
        links: names(ip('-j link')),
        routes: ip('-4 route show table all').split('\n').sort(),
        rules: ip('rule'),
        neighbours: ip('neigh show nud permanent'),
        pods: pods.map(path => names(ip(`-n ${path.slice('/run/netns/'.length)} -j link`))),
        plugged: readdirSync(join(dir, 'bin')).filter(name => name.startsWith('plugged-')),
        journal: files(join(dir, 'state', 'journal')),
        queue: files(join(dir, 'state', 'release-queue')),
        claims: (await cluster.claims()).map(({ metadata }) => metadata.name),
      };
    },
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]();
      for (const path of pods) deleteNamespace(path);
      ip('link del up0');
      if (ip('link').includes('ultest0')) ip('link del ultest0');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Runs `ip`, the independent witness. */
export function ip(command: string): string {
  return execFileSync('ip', command.split(' '), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function names(json: string): readonly string[] {
  return (JSON.parse(json) as { ifname: string }[]).map(({ ifname }) => ifname).sort();
}

function files(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return []; // not made yet
  }
}
