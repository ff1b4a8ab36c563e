import type { Log } from '#base';
import { createWatchCache, type KubeClient } from '#kube';
import { startReconciler } from '../reconciler.ts';
import { DEPLOYMENTS, NODES, SANDBOX_PODS, SERVICES } from '../resources.ts';
import { reconcileDeployments } from './deployments.ts';
import { reconcileEndpoints } from './endpoints.ts';
import { deleteOrphans } from './orphans.ts';
import { schedulePods } from './scheduler.ts';

export interface ControlLoopOptions {
  readonly client: KubeClient;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * The cluster's control plane besides its API server. Each loop looks at everything afresh after any change: a sandbox is
 * small, and a loop that reads what it wrote cannot act twice on an old copy.
 */
export function startControlLoops({ client, log, signal }: ControlLoopOptions): void {
  const shared = { client, log, signal };
  const loop = (name: string, reconcile: () => Promise<void>): (() => void) =>
    startReconciler({ name, reconcile, log, signal }).trigger;
  const deployments = loop('deployments', () => reconcileDeployments(client));
  const orphans = loop('orphans', () => deleteOrphans(client));
  const scheduler = loop('scheduler', () => schedulePods(client));
  const endpoints = loop('endpoints', () => reconcileEndpoints(client));

  const onChange = (
    resource: Parameters<typeof createWatchCache>[0]['resource'],
    ...triggers: readonly (() => void)[]
  ): void => {
    createWatchCache({ ...shared, resource }).subscribe(() => {
      for (const trigger of triggers) trigger();
    });
  };
  onChange(SANDBOX_PODS, deployments, orphans, scheduler, endpoints);
  onChange(DEPLOYMENTS, deployments, orphans);
  onChange(NODES, scheduler);
  onChange(SERVICES, endpoints);
}
