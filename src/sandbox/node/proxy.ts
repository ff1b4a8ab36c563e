import type { Log } from '#base';
import type { WatchCache } from '#kube';
import { startReconciler } from '../reconciler.ts';
import type { Endpoints, Service } from '../resources.ts';
import { runCommand } from '../run-command.ts';
import { proxyRules } from './proxy-rules.ts';

export interface ProxyOptions {
  readonly services: WatchCache<Service>;
  readonly endpoints: WatchCache<Endpoints>;
  readonly clusterCidr: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Keeps the calling process's network namespace in step with the cluster's Services. */
export function startProxy({ services, endpoints, clusterCidr, log, signal }: ProxyOptions): void {
  let applied = '';
  const loop = startReconciler({
    name: 'proxy',
    log,
    signal,
    async reconcile() {
      const rules = proxyRules(services.list(), endpoints.list(), clusterCidr);
      if (rules === applied) return;
      await runCommand('nft', ['-f', '-'], { stdin: rules });
      applied = rules;
    },
  });
  services.subscribe(() => loop.trigger());
  endpoints.subscribe(() => loop.trigger());
  loop.trigger();
}
