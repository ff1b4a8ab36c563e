import type { KubeObject, Resource } from '#api';
import { codeOf, silentLog } from '#base';
import { createKubeClient, createWatchCache, type KubeClient } from '#kube';
import { createApiServer } from '../apiserver/mod.ts';
import { NODES, SANDBOX_PODS, type SandboxPod } from '../resources.ts';
import { startControlLoops } from './control-loops.ts';

/** An API server with the control loops, and nodes on which every pod runs at once: nothing behind them. */
export interface LoopCluster {
  readonly client: KubeClient;
  /** Tries until it holds. */
  eventually(attempt: () => Promise<void>): Promise<void>;
  /** Says that a pod's containers have ended. */
  finish(pod: SandboxPod, phase: 'Succeeded' | 'Failed'): Promise<void>;
  pods(): Promise<readonly SandboxPod[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

const PAUSE_MS = 10;
const LIMIT_MS = 20_000;

export async function startLoopCluster(nodes: readonly string[] = ['n1', 'n2']): Promise<LoopCluster> {
  const ending = new AbortController();
  const { signal } = ending;
  const server = createApiServer();
  const client = createKubeClient({
    server: await server.listen({ port: 0 }),
    isTlsVerified: true,
    namespace: 'default',
  });
  for (const name of nodes) {
    await client.create(NODES, { metadata: { name } });
    await setReady(client, NODES, { name }, {});
  }
  startControlLoops({ client, log: silentLog, signal });
  const cache = createWatchCache({ client, resource: SANDBOX_PODS, log: silentLog, signal });
  cache.subscribe(() => {
    for (const pod of cache.list()) void runInstantly(client, pod).catch(ignoreGone);
  });
  await cache.ready();
  return {
    client,
    pods: async () => (await client.list(SANDBOX_PODS)).items,
    async eventually(attempt) {
      const end = Date.now() + LIMIT_MS;
      for (;;) {
        try {
          return await attempt();
        } catch (error) {
          if (Date.now() > end) throw error;
          await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
        }
      }
    },
    async finish(pod, phase) {
      await client.mergePatch(
        SANDBOX_PODS,
        pod.metadata,
        { status: { phase, conditions: [] } },
        { subresource: 'status' },
      );
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      client.close();
      await server.close();
    },
  };
}

/** What a node does, without any of its work. */
async function runInstantly(client: KubeClient, pod: SandboxPod): Promise<void> {
  if (pod.spec.nodeName === undefined) return;
  if (pod.metadata.deletionTimestamp !== undefined)
    await client.delete(SANDBOX_PODS, pod.metadata, { gracePeriodSeconds: 0 });
  else if (pod.status?.phase === 'Pending') await setReady(client, SANDBOX_PODS, pod.metadata, { phase: 'Running' });
}

async function setReady<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  name: KubeObject['metadata'],
  more: object,
): Promise<void> {
  const status = { ...more, conditions: [{ type: 'Ready', status: 'True' }] };
  await client.mergePatch(resource, name, { status }, { subresource: 'status' });
}

function ignoreGone(error: unknown): void {
  if (!['NotFound', 'Conflict', 'Aborted', 'Unreachable'].includes(codeOf(error))) throw error;
}
