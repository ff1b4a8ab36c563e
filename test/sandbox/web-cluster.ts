import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { IP_ALLOCATIONS, PODS, type Pod } from '#api';
import { createKubeClient, type KubeClient, loadKubeconfig } from '#kube';
import { applyManifest, readManifests } from '../../src/sandbox/manifests.ts';
import { makeTmp, type RunningSandbox, removeTmp, sandboxCommand, startSandbox } from './running-sandbox.ts';

/** A running sandbox with the macvlan network of the examples, and on each node a pod of the node's own network to look around from. */
export interface WebCluster {
  readonly sandbox: RunningSandbox;
  /** From outside the sandbox: whatever happens to the nodes' networks, this one works. */
  readonly client: KubeClient;
  /** Applies the examples' Deployment of four macvlan pods, which all become ready. */
  startWeb(): Promise<void>;
  /** Pods with this label, those that are on their way out included. */
  pods(app?: string): Promise<readonly Pod[]>;
  readyPods(app?: string): Promise<readonly Pod[]>;
  /**
   * Asserts that the claims are exactly these pods', one for each address, and that no address is held twice.
   * @param waiting pods that may or may not have theirs already: they are given as soon as there is a node
   */
  assertClaims(pods: readonly Pod[], waiting?: readonly Pod[]): Promise<void>;
  /** @returns what the command printed in the node's network namespace */
  onNode(node: string, ...command: readonly string[]): Promise<string>;
  end(): Promise<void>;
}

export const NODES = ['n1', 'n2'];
export const REPLICAS = 4;

export async function startWebCluster(): Promise<WebCluster> {
  const tmp = makeTmp();
  const sandbox = startSandbox(tmp, '--no-examples');
  const [, kubeconfig = ''] = await sandbox.until(/export KUBECONFIG=(\S+)[\s\S]*pods ready/);
  const client = createKubeClient(await loadKubeconfig(kubeconfig));
  const manifests = await readManifests(join(import.meta.dirname, '../../examples'));
  const apply = async (name: string): Promise<void> => {
    for (const manifest of manifests.filter(({ metadata }) => metadata.name === name)) {
      await applyManifest(client, manifest);
    }
  };
  const pods: WebCluster['pods'] = async (app = 'web') =>
    (await client.list(PODS, { namespace: 'default', labelSelector: `app=${app}` })).items;
  const readyPods: WebCluster['readyPods'] = async app => (await pods(app)).filter(isReady);
  await apply('macvlan-standalone');
  for (const node of NODES) {
    const containers = [{ name: 'c', image: 'x', ports: [{ containerPort: 9000 }] }];
    const spec = { nodeName: node, hostNetwork: true, containers };
    const metadata = { namespace: 'default', name: `host-${node}`, labels: { app: 'host' } };
    await client.create<Pod>(PODS, { metadata, spec });
  }
  await eventually(async () => assert.equal((await readyPods('host')).length, NODES.length));

  return {
    sandbox,
    client,
    pods,
    readyPods,
    async startWeb() {
      await apply('web');
      await eventually(async () => assert.equal((await readyPods()).length, REPLICAS));
      for (const pod of await readyPods()) assert.equal(addressesOf(pod).length, 2, 'one of each family');
    },
    async assertClaims(owners, waiting = []) {
      const { items } = await client.list(IP_ALLOCATIONS);
      const early = new Set(waiting.map(({ metadata }) => metadata.uid));
      const settled = items.filter(({ spec }) => !early.has(spec.owner.podUid));
      assert.deepEqual(
        settled.map(({ spec }) => `${spec.owner.podUid} ${spec.address.replace(/\/.*/, '')}`).sort(),
        owners.flatMap(pod => addressesOf(pod).map(address => `${pod.metadata.uid} ${address}`)).sort(),
      );
      const addresses = owners.flatMap(addressesOf);
      assert.equal(new Set(addresses).size, addresses.length);
    },
    async onNode(node, ...command) {
      const { status, stdout, stderr } = await sandboxCommand(tmp, 'exec', `host-${node}`, '--', ...command);
      assert.equal(status, 0, stderr);
      return stdout;
    },
    async end() {
      client.close();
      sandbox.process.kill('SIGKILL');
      await sandbox.ended;
      removeTmp(tmp);
    },
  };
}

/** Of its first interface, the primary family's first. */
export function addressesOf(pod: Pod): string[] {
  const podIPs = (pod.status?.['podIPs'] ?? []) as readonly { ip: string }[]; // as the API has it
  return podIPs.map(({ ip }) => ip);
}

/** Ready and to stay. */
export function isReady(pod: Pod): boolean {
  const conditions = (pod.status?.['conditions'] ?? []) as readonly { type: string; status: string }[]; // as the API has it
  return (
    pod.metadata.deletionTimestamp === undefined &&
    conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  );
}

/** Tries until it holds, for as long as an agent's restart, the releases behind it and kubelet's longest pause may take. */
export async function eventually(attempt: () => Promise<void>, limitMs = 30_000): Promise<void> {
  const end = Date.now() + limitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(50);
    }
  }
}
