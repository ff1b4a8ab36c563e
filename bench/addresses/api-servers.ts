import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IP_ALLOCATIONS, type KubeObject, listCrds, type Resource } from '#api';
import { createKubeClient, parseKubeconfig } from '#kube';
import { startControlPlane } from '../../test/cluster/control-plane.ts';
import type { ClusterPrograms } from '../../test/cluster/open-cluster.ts';
import { fillEtcd } from './fill-etcd.ts';
import { claimsOf, type Fill } from './fill-pool.ts';

/** An API server that knows our claims. */
export interface BenchServer extends AsyncDisposable {
  readonly name: string;
  readonly kubeconfig: string;
  /** Deletes all claims. */
  clear(): Promise<void>;
  /** Puts claims where the server keeps them. */
  fill(fill: Fill): Promise<void>;
}

/** The sandbox's, in a process of its own. */
export async function startSandboxServer(workDir: string): Promise<BenchServer> {
  const kubeconfig = join(workDir, 'kubeconfig');
  const child = fork(join(import.meta.dirname, '../api-server.ts'), [kubeconfig]);
  const exited = once(child, 'exit');
  await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('The API server ended before it was ready'))),
  ]);
  return {
    name: "the sandbox's API server",
    kubeconfig,
    clear: () => clear(kubeconfig),
    async fill(fill) {
      const filled = once(child, 'message');
      child.send(fill);
      await filled;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}

/** A kube-apiserver with etcd. */
export async function startRealServer(programs: ClusterPrograms): Promise<BenchServer> {
  const plane = await startControlPlane({ ...programs, controllers: [] });
  const client = createKubeClient(
    await parseKubeconfig(readFileSync(plane.kubeconfigPath, 'utf8'), plane.kubeconfigPath),
  );
  const [crd] = listCrds().filter(({ metadata }) => metadata.name === 'ipallocations.underlane.io');
  if (crd === undefined) throw new TypeError('no CRD of claims');
  await client.create(CRDS, crd);
  // Served a moment after it was created, and nothing tells when.
  while (
    !(await client.list(IP_ALLOCATIONS).then(
      () => true,
      () => false,
    ))
  ) {
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  client.close();
  return {
    name: 'kube-apiserver and etcd',
    kubeconfig: plane.kubeconfigPath,
    clear: () => clear(plane.kubeconfigPath),
    fill: fill => fillEtcd(plane.etcdUrl, claimsOf(fill)),
    [Symbol.asyncDispose]: () => plane.close(),
  };
}

const CRDS: Resource<KubeObject> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  isNamespaced: false,
};

/** So many at once are as fast as more. */
const DELETERS = 20;

async function clear(kubeconfig: string): Promise<void> {
  const client = createKubeClient(await parseKubeconfig(readFileSync(kubeconfig, 'utf8'), kubeconfig));
  const { items } = await client.list(IP_ALLOCATIONS, { metadataOnly: true });
  const left = [...items];
  const work = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) {
      await client.delete(IP_ALLOCATIONS, { name: item.metadata.name });
    }
  };
  await Promise.all(Array.from({ length: DELETERS }, work));
  client.close();
}
