import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import {
  EVENTS,
  type Event,
  IP_ALLOCATIONS,
  type IPAllocation,
  type KubeObject,
  NETWORK_ATTACHMENT_DEFINITIONS,
  type NetworkAttachmentDefinition,
  PODS,
  type Pod,
  type Resource,
} from '#api';
import { createKubeClient, type KubeClient, parseKubeconfig } from '#kube';
import { type ApiServer, createApiServer, writeKubeconfig } from '../../src/sandbox/apiserver/mod.ts';

const CRDS: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  isNamespaced: false,
};

/** An API server of the sandbox with our CRDs, which can go away and come back with all it held. */
export interface TestCluster extends AsyncDisposable {
  readonly client: KubeClient;
  readonly kubeconfig: string;
  /** Closes its port and every connection. */
  goAway(): Promise<void>;
  /** Listens on the same port again. */
  comeBack(): Promise<void>;
  createPod(
    name: string,
    options?: { readonly annotations?: Record<string, string>; readonly node?: string },
  ): Promise<Pod>;
  /** Deletes the pod at once, as a kubelet's last word does. */
  deletePod(name: string): Promise<void>;
  createNad(name: string, config: unknown): Promise<void>;
  claims(): Promise<readonly IPAllocation[]>;
  events(): Promise<readonly Event[]>;
}

export async function startTestCluster(dir: string): Promise<TestCluster> {
  let server: ApiServer = createApiServer({});
  const { store } = server;
  const url = new URL(await server.listen({ host: '127.0.0.1', port: 0 }));
  const kubeconfig = join(dir, 'kubeconfig');
  writeKubeconfig({ path: kubeconfig, server: url.origin });
  const client = createKubeClient(await parseKubeconfig(readFileSync(kubeconfig, 'utf8'), kubeconfig));
  for (const file of readdirSync('deploy/crds')) {
    // Our own files, checked against the generator by a test.
    await client.create(CRDS, load(readFileSync(join('deploy/crds', file), 'utf8')) as KubeObject);
  }
  return {
    client,
    kubeconfig,
    async goAway() {
      await server.close();
    },
    async comeBack() {
      server = createApiServer({ store });
      await server.listen({ host: '127.0.0.1', port: Number(url.port) });
    },
    createPod: (name, { annotations = {}, node = 'n1' } = {}) =>
      client.create(PODS, {
        metadata: { name, namespace: 'default', annotations },
        spec: { nodeName: node, containers: [{ name: 'c', image: 'x' }] },
      }),
    deletePod: name => client.delete(PODS, { namespace: 'default', name }, { gracePeriodSeconds: 0 }),
    async createNad(name, config) {
      const nad: NetworkAttachmentDefinition = {
        metadata: { name, namespace: 'default' },
        spec: { config: typeof config === 'string' ? config : JSON.stringify(config) },
      };
      await client.create(NETWORK_ATTACHMENT_DEFINITIONS, nad);
    },
    claims: async () => (await client.list(IP_ALLOCATIONS)).items,
    events: async () => (await client.list(EVENTS)).items,
    async [Symbol.asyncDispose]() {
      client.close();
      await server.close();
    },
  };
}
