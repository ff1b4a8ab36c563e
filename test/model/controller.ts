/** A replica of the controller with the loops that take and give back claims; every replica believes that it leads. */
import { IP_ALLOCATIONS, LEASES, NETWORK_ATTACHMENT_DEFINITIONS, NODES, PODS } from '#api';
import { silentLog } from '#base';
import { createChecks, Registry } from '#health';
import { createClaimStore, createPoolCatalog } from '#ipam';
import { createWatchCache } from '#kube';
import { COLLECT_LOOP } from '../../src/controller/collect/collect-claims.ts';
import type { ControllerDeps } from '../../src/controller/deps.ts';
import { PREALLOCATE_LOOP } from '../../src/controller/preallocate/preallocate.ts';
import { runLoops } from '../../src/controller/run-loops.ts';
import type { Trace } from './run/trace.ts';
import type { VirtualTime } from './run/virtual-time.ts';
import type { Network } from './traffic/network.ts';

export interface Controller {
  readonly name: string;
  readonly isUp: boolean;
  start(): void;
  crash(): void;
}

export interface ControllerOptions {
  readonly name: string;
  readonly network: Network;
  readonly time: VirtualTime;
  readonly trace: Trace;
}

const NO_METRICS = { setRunning: () => undefined, countFailure: () => undefined };

export function createController({ name, network, time, trace }: ControllerOptions): Controller {
  let life: { isOver: boolean } | undefined;
  let starts = 0;
  return {
    name,
    get isUp() {
      return life !== undefined;
    },
    start() {
      if (life !== undefined) return;
      trace(() => `${name}: a controller starts`);
      const own = { isOver: false };
      life = own;
      const link = {
        name: `${name}#${++starts}`,
        isCut: false,
        get isOver() {
          return own.isOver;
        },
      };
      run(network, link, time);
    },
    crash() {
      if (life === undefined) return;
      trace(() => `${name}: the controller is killed`);
      life.isOver = true;
      life = undefined;
    },
  };
}

function run(network: Network, link: Parameters<Network['connect']>[0], time: VirtualTime): void {
  const client = network.connect(link);
  const clock = time.clockFor(link);
  const { signal } = new AbortController();
  const common = { client, clock, signal, log: silentLog };
  const namespace = 'kube-system';
  const claims = createWatchCache({ ...common, resource: IP_ALLOCATIONS });
  const deps: ControllerDeps = {
    ...{ client, clock, steady: clock, log: silentLog, namespace },
    claims,
    pods: createWatchCache({ ...common, resource: PODS }),
    nodes: createWatchCache({ ...common, resource: NODES }),
    leases: createWatchCache({ ...common, resource: LEASES, query: { namespace } }),
    nads: createWatchCache({ ...common, resource: NETWORK_ATTACHMENT_DEFINITIONS }),
    store: createClaimStore({ client, cache: claims, sees: 'cluster', clock, log: silentLog }),
    catalog: createPoolCatalog(common),
    events: { record: () => undefined, flush: async () => undefined, dropped: 0 },
    registry: new Registry(),
    checks: createChecks(),
    options: {} as ControllerDeps['options'],
  };
  runLoops([COLLECT_LOOP, PREALLOCATE_LOOP], deps, NO_METRICS, signal).catch(() => undefined);
}
