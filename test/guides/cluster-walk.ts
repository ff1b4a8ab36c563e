import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { agentLeaseName, LEASE_NAMESPACE, LEASES } from '#api';
import { silentLog } from '#base';
import { createKubeClient, createWatchCache, type KubeClient, loadKubeconfig } from '#kube';
import { schedulePods } from '../../src/sandbox/loops/scheduler.ts';
import { startReconciler } from '../../src/sandbox/reconciler.ts';
import { NODES, SANDBOX_PODS } from '../../src/sandbox/resources.ts';
import { startControlPlane } from '../cluster/control-plane.ts';
import { findFreePorts, startDaemon } from '../cluster/daemon.ts';
import { ensureClusterPrograms } from '../cluster/open-cluster.ts';
import type { Kubectl } from '../kubectl/find-kubectls.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** Somebody who follows a guide on a real Kubernetes with Underlane's controller, and nodes in name only: pods come to one, and stay Pending. */
export interface ClusterWalk extends Terminal {
  readonly client: KubeClient;
  end(): Promise<void>;
}

/** What the agents say that are not there: no address is taken for nodes without. */
const ALIVE = { holderIdentity: 'a guide', leaseDurationSeconds: 3600 };
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
/** What makes pods, besides what every cluster needs. */
const CONTROLLERS = ['garbagecollector', 'namespace', 'deployment', 'replicaset', 'statefulset', 'daemonset', 'job'];

export async function startClusterWalk(
  kubectl: Kubectl,
  nodes: readonly string[],
  ...flags: readonly string[]
): Promise<ClusterWalk> {
  const plane = await startControlPlane({ ...(await ensureClusterPrograms()), controllers: CONTROLLERS });
  const home = await mkdtemp(join(plane.folder, 'home-'));
  const terminal = openTerminal(kubectl, plane.kubeconfigPath, home);
  const client = createKubeClient(await loadKubeconfig(plane.kubeconfigPath));
  const ending = new AbortController();
  const { signal } = ending;
  await terminal.kubectl('apply', '-f', join(import.meta.dirname, '../../deploy/crds'));
  await terminal.kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=20s');
  for (const name of nodes) {
    await client.create(NODES, { metadata: { name } });
    const status = { conditions: [{ type: 'Ready', status: 'True' }] };
    await client.mergePatch(NODES, { name }, { status, spec: { taints: null } }, { subresource: 'status' });
    await client.mergePatch(NODES, { name }, { spec: { taints: null } });
    await client.create(LEASES, { metadata: { namespace: LEASE_NAMESPACE, name: agentLeaseName(name) }, spec: ALIVE });
  }
  const scheduler = startReconciler({
    name: 'scheduler',
    reconcile: () => schedulePods(client),
    log: silentLog,
    signal,
  });
  createWatchCache({ client, resource: SANDBOX_PODS, log: silentLog, signal }).subscribe(scheduler.trigger);

  const [port = 0] = await findFreePorts(1);
  const health = `127.0.0.1:${port}`;
  const controller = startDaemon(
    'controller',
    [process.execPath, MAIN, 'controller', '--kubeconfig', plane.kubeconfigPath, '--health-address', health, ...flags],
    join(plane.folder, 'controller.log'),
  );
  await controller.untilReady(() => isHealthy(`http://${health}/healthz`), 30_000);
  return {
    ...terminal,
    client,
    async end() {
      ending.abort();
      await controller.kill();
      client.close();
      await rm(home, { recursive: true, force: true });
      await plane.close();
    },
  };
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false; // nobody listens yet
  }
}
