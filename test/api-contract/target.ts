import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject, Resource } from '#api';
import type { KubeClient, Kubeconfig } from '#kube';
import { createKubeClient, isApiError, loadKubeconfig } from '#kube';
import { createApiServer, createSelfSignedCertificate, writeKubeconfig } from '../../src/sandbox/apiserver/mod.ts';
import { openCluster } from '../cluster/open-cluster.ts';

/** An API server that the suite runs against, with a namespace of the suite's own. */
export interface Target {
  readonly kubeconfigPath: string;
  readonly config: Kubeconfig;
  readonly client: KubeClient;
  readonly namespace: string;
  close(): Promise<void>;
}

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export const CONFIG_MAPS: Resource<ConfigMap> = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  isNamespaced: true,
};
const NAMESPACES: Resource = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', isNamespaced: false };

/** The sandbox's own server, on TLS with a token, as kubectl will meet it. */
export async function openSandboxTarget(): Promise<Target> {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-contract-'));
  const kubeconfigPath = join(dir, 'kubeconfig');
  const tls = createSelfSignedCertificate(['127.0.0.1', 'localhost']);
  const server = createApiServer({ tokens: ['contract-token'], tls });
  const url = await server.listen({ port: 0 });
  writeKubeconfig({ path: kubeconfigPath, server: url, caPem: tls.certificate, token: 'contract-token' });
  const target = await openTarget(kubeconfigPath);
  return {
    ...target,
    async close() {
      await target.close();
      await server.close();
      rmSync(dir, { recursive: true });
    },
  };
}

/** A real API server; see `openCluster`. */
export async function openClusterTarget(): Promise<Target> {
  const cluster = await openCluster();
  const target = await openTarget(cluster.kubeconfigPath);
  return {
    ...target,
    async close() {
      await target.close();
      await cluster.close();
    },
  };
}

async function openTarget(kubeconfigPath: string): Promise<Target> {
  const config = await loadKubeconfig(kubeconfigPath);
  const client = createKubeClient(config);
  const namespace = `contract-${Date.now().toString(36)}`;
  await client.create(NAMESPACES, { metadata: { name: namespace } });
  return {
    kubeconfigPath,
    config,
    client,
    namespace,
    async close() {
      await client.delete(NAMESPACES, { name: namespace });
      client.close();
    },
  };
}

/** For assert.rejects: the error is an ApiError with this code. */
export function withCode(code: string): (error: unknown) => true {
  return error => {
    if (isApiError(error, code)) return true;
    throw new Error(`Expected an ApiError ${code}`, { cause: error });
  };
}

/** Asks until the answer is not undefined; for what a real server does in the background. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Waited 20 s for ${what}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
