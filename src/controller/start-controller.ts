import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Log, messageOf, steadyClock, systemClock } from '#base';
import { Gauge, serveHealth } from '#health';
import { createKubeClient, loadElection, loadKubeconfig } from '#kube';
import { checkCaches } from './check-caches.ts';
import type { Loop } from './loop.ts';
import { LOOPS } from './loops.ts';
import { openDeps } from './open-deps.ts';
import type { ControllerOptions } from './options.ts';
import { createLoopMetrics, runLoops } from './run-loops.ts';

/** A running replica. */
export interface Controller {
  /** Ends the loops, gives leadership up, closes everything. */
  stop(): Promise<void>;
}

/** Replicas agree on it. */
export const LEADER_LEASE = 'underlane-controller';

/**
 * Starts a replica of the controller. When this resolves, it follows the cluster and takes part in the election; the API
 * server may still be away then.
 * @throws what makes the kubeconfig or the health address unusable
 */
export async function startController(
  options: ControllerOptions,
  log: Log,
  loops: readonly Loop[] = LOOPS,
): Promise<Controller> {
  // Closed in reverse order: by stop(), or when the start fails.
  await using stack = new AsyncDisposableStack();
  const { identity = `${hostname()}_${randomUUID()}`, healthAddress } = options;
  const client = createKubeClient(await loadKubeconfig(options.kubeconfig), { userAgent: 'underlane-controller' });
  stack.defer(() => client.close());
  const health = await serveHealth(healthAddress === undefined ? [] : [healthAddress]);
  stack.defer(() => health.close());
  const ending = new AbortController();
  const { signal } = ending;
  stack.defer(() => ending.abort());
  const deps = openDeps({
    client,
    options,
    registry: health.registry,
    checks: health.checks,
    clock: systemClock,
    steady: steadyClock,
    log,
    signal,
  });
  checkCaches(health.checks, deps);
  if (options.reclaimsNotReady === true) {
    log.warn(
      {},
      'UNSAFE: addresses of terminating pods are given away while their node is NotReady, though they may still run',
    );
  }
  const { elect } = await loadElection();
  const metrics = createLoopMetrics(health.registry);
  const leading = new Gauge({
    name: 'underlane_controller_leader',
    help: 'Whether this replica leads',
    registers: [health.registry],
  });
  const run = Promise.all([
    runLoops(
      loops.filter(({ runsOn }) => runsOn === 'every'),
      deps,
      metrics,
      signal,
    ),
    elect(
      {
        ...{ client, signal, log },
        lease: { namespace: deps.namespace, name: LEADER_LEASE },
        identity,
        clock: systemClock,
        steady: steadyClock,
        ...(options.leaseSeconds === undefined ? {} : { durationSeconds: options.leaseSeconds }),
      },
      async term => {
        leading.set(1);
        await runLoops(
          loops.filter(({ runsOn }) => runsOn === 'leader'),
          deps,
          metrics,
          term,
        ).finally(() => leading.set(0));
      },
    ),
  ]).catch((error: unknown) => log.error({ err: messageOf(error) }, 'The controller stopped'));
  stack.defer(async () => {
    ending.abort();
    await run;
  });
  health.setStarted(true);
  const running = stack.move();
  return { stop: () => running.disposeAsync() };
}
