import { Gauge, type Registry } from '#health';
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
