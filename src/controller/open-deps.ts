import { LEASE_NAMESPACE } from '#api';
import type { Clock, Log } from '#base';
import type { Checks, Registry } from '#health';
import { createClaimStore, createPoolCatalog } from '#ipam';
import { createEventRecorder, type KubeClient } from '#kube';
import type { ControllerDeps } from './deps.ts';
import { openCaches } from './open-caches.ts';
import type { ControllerOptions } from './options.ts';

/** What the loops are made of. */
export interface DepsParts {
  readonly client: KubeClient;
  readonly options: ControllerOptions;
  readonly registry: Registry;
  readonly checks: Checks;
  readonly clock: Clock;
  readonly steady: Clock;
  readonly log: Log;
  /** Ends what follows the cluster. */
  readonly signal: AbortSignal;
}

/** Starts to follow the cluster; does not wait for the API server. */
export function openDeps({ client, options, registry, checks, clock, steady, log, signal }: DepsParts): ControllerDeps {
  const { namespace = LEASE_NAMESPACE } = options;
  const caches = openCaches(client, namespace, signal, log);
  return {
    ...caches,
    client,
    store: createClaimStore({ client, cache: caches.claims, sees: 'cluster', clock, log }),
    catalog: createPoolCatalog({ client, signal, log }),
    events: createEventRecorder({ client, component: 'underlane-controller', clock, log, signal }),
    registry,
    checks,
    options,
    namespace,
    clock,
    steady,
    log,
  };
}
