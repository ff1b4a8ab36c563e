import type { Log } from '#base';
import type { WatchCache } from '#kube';
import { startReconciler } from '../reconciler.ts';
import type { EndpointSlice, Service } from '../resources.ts';
import { runCommand } from '../run-command.ts';
import type { Topology } from '../topology.ts';
import { proxyRules } from './proxy-rules.ts';

export interface ProxyOptions {
  readonly services: WatchCache<Service>;
  readonly slices: WatchCache<EndpointSlice>;
  readonly topology: Topology;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Keeps the calling process's network namespace in step with the cluster's Services. */
export function startProxy({ services, slices, topology, log, signal }: ProxyOptions): void {
  let applied = '';
  const loop = startReconciler({
    name: 'proxy',
    log,
    signal,
    async reconcile() {
      const rules = topology.families
        .map(family => proxyRules(family, services.list(), slices.list(), topology.clusterCidr[family]))
        .join('');
      if (rules === applied) return;
      await runCommand('nft', ['-f', '-'], { stdin: rules });
      applied = rules;
    },
  });
  services.subscribe(() => loop.trigger());
  slices.subscribe(() => loop.trigger());
  loop.trigger();
}
