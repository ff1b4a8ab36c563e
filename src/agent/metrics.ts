import type { IPAllocation } from '#api';
import type { AttachDeps } from '#attach';
import type { Clock } from '#base';
import { Counter, Gauge, type Registry } from '#health';
import { isQuarantined } from '#ipam';
import { ATTACHMENT } from './finish-entries.ts';
import { NETWORK_CHANGE } from './hot-plug.ts';
import { SPOOLED_DEL } from './replay-spool.ts';
import type { RetryLoop } from './retry-loop.ts';

/** Registers what this node still owes; read when somebody asks. */
export function countUnfinished(
  registry: Registry,
  retries: Pick<RetryLoop, 'count'>,
  releaser: { readonly size: number } | undefined,
): void {
  const gauge: Gauge = new Gauge({
    name: 'underlane_unfinished',
    help: 'Work that could not be done yet and is tried again until it is, by kind',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      for (const kind of [ATTACHMENT, NETWORK_CHANGE, SPOOLED_DEL]) gauge.set({ kind }, retries.count(kind));
      gauge.set({ kind: 'claim_release' }, releaser?.size ?? 0);
    },
  });
}

/** Registers how many pods run without the networks that they ask for. */
export function countBarePods(registry: Registry, pods: { readonly count: () => number }): void {
  const gauge: Gauge = new Gauge({
    name: 'underlane_pods_without_networks',
    help: 'Pods of this node that run without the networks of their annotation, since the runtime did not call Underlane',
    registers: [registry],
    collect: () => gauge.set(pods.count()),
  });
}

/** Registers what neighbours kept pods from; the result counts. */
export function countNeighbours(registry: Registry): NonNullable<AttachDeps['onNeighbour']> {
  const conflicts = new Counter({
    name: 'underlane_address_conflicts_total',
    help: 'Addresses that were to be given to a pod of this node while somebody else on the network had them',
    registers: [registry],
  });
  const silent = new Counter({
    name: 'underlane_gateways_silent_total',
    help: 'How often a pod of this node was not started since its gateway did not answer',
    registers: [registry],
  });
  return finding => (finding === 'conflict' ? conflicts : silent).inc();
}

/** Registers how many addresses this node keeps from everybody, since somebody else on the network has them. */
export function countQuarantined(
  registry: Registry,
  claims: { readonly list: () => readonly IPAllocation[] },
  clock: Clock,
): void {
  const gauge: Gauge = new Gauge({
    name: 'underlane_addresses_quarantined',
    help: 'Addresses that nobody gets for a while, since this node has found them with somebody else on the network',
    registers: [registry],
    collect: () => gauge.set(claims.list().filter(claim => isQuarantined(claim, clock.now())).length),
  });
}
