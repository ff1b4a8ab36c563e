import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NETWORK_ATTACHMENT_DEFINITIONS, type NetworkAttachmentDefinition, PODS } from '#api';
import { createKubeClient, parseKubeconfig } from '#kube';
import { MASTER } from './lan.ts';
import { type BenchPod, makePod, removePods } from './pods.ts';

/** An API server in a process of its own, with NADs `net1` to `net3`: macvlan with whereabouts, each a range of its own. */
export interface BenchCluster extends AsyncDisposable {
  readonly kubeconfig: string;
  /** Makes pods that ask for so many of the networks beside their default one. */
  makePods(count: number, networks: number): Promise<readonly BenchPod[]>;
  removePods(pods: readonly BenchPod[]): Promise<void>;
}

export const NETWORKS = ['net1', 'net2', 'net3'];

export async function startCluster(workDir: string): Promise<BenchCluster> {
  const kubeconfig = join(workDir, 'kubeconfig');
  const server = fork(join(import.meta.dirname, 'api-server.ts'), [kubeconfig]);
  const exited = once(server, 'exit');
  await Promise.race([
    once(server, 'message'),
    exited.then(() => Promise.reject(new Error('The API server ended before it was ready'))),
  ]);
  const client = createKubeClient(await parseKubeconfig(readFileSync(kubeconfig, 'utf8'), kubeconfig));
  for (const [index, name] of NETWORKS.entries()) {
    const config = { cniVersion: '1.0.0', name, ...claimedMacvlan({ range: `10.${101 + index}.0.0/16` }) };
    const nad: NetworkAttachmentDefinition = {
      metadata: { name, namespace: 'default' },
      spec: { config: JSON.stringify(config) },
    };
    await client.create(NETWORK_ATTACHMENT_DEFINITIONS, nad);
  }
  return {
    kubeconfig,
    async makePods(count, networks) {
      const pods = Array.from({ length: count }, makePod);
      const annotations =
        networks === 0 ? {} : { 'k8s.v1.cni.cncf.io/networks': NETWORKS.slice(0, networks).join(',') };
      for (const { name } of pods) {
        await client.create(PODS, {
          metadata: { name, namespace: 'default', annotations },
          spec: { nodeName: 'bench', containers: [{ name: 'c', image: 'x' }] },
        });
      }
      return pods;
    },
    async removePods(pods) {
      for (const { name } of pods) {
        await client.delete(PODS, { namespace: 'default', name }, { gracePeriodSeconds: 0 });
      }
      await removePods(pods);
    },
    async [Symbol.asyncDispose]() {
      client.close();
      server.kill();
      await exited;
    },
  };
}

/** A plugin whose addresses are claims. */
export function claimedMacvlan(range: Readonly<Record<string, string>>) {
  return { type: 'macvlan', master: MASTER, mode: 'bridge', ipam: { type: 'whereabouts', ...range } };
}
