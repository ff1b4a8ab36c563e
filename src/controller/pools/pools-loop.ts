import { KUBE_OVN_SUBNETS, SPIDER_IP_POOLS, SPIDER_RESERVED_IPS } from '#api';
import { Gauge, type Registry } from '#health';
import type { Loop } from '../loop.ts';
import { createRepeater } from '../repeater.ts';
import { createHeldCounts } from './held-counts.ts';
import { kubeOvnSubnetSizes, spiderPoolSizes } from './object-sizes.ts';
import { type PoolKey, type PoolSize, poolText } from './pool-size.ts';
import { rangeSizes } from './range-sizes.ts';

const EVERY_MS = 60_000;

/** Says how full pools are: by metrics, and by Events once one is exhausted. */
export const POOLS_LOOP: Loop = {
  name: 'pools',
  runsOn: 'leader',
  async start(deps, signal) {
    const { claims, nads, catalog, events, registry, clock, log } = deps;
    const [pools, reserved, subnets] = await Promise.all([
      catalog.of(SPIDER_IP_POOLS, signal),
      catalog.of(SPIDER_RESERVED_IPS, signal),
      catalog.of(KUBE_OVN_SUBNETS, signal),
    ]);
    const held = createHeldCounts();
    /** Pools that an Event says to be exhausted. */
    let exhausted = new Set<string>();

    async function round(): Promise<void> {
      const sizes = [
        ...rangeSizes(nads.list()),
        ...(await spiderPoolSizes(pools.list(), reserved.list(), catalog)),
        ...(await kubeOvnSubnetSizes(subnets.list())),
      ];
      showSizes(registry, sizes, held.of);
      const full = sizes.filter(({ key, size }) => size > 0n && BigInt(held.of(poolText(key))) >= size);
      for (const { key, size, subjects } of full) {
        if (exhausted.has(poolText(key))) continue;
        const message = sayExhausted(key, size, held.inQuarantine(poolText(key)));
        for (const subject of subjects) events.record(subject, 'Warning', 'PoolExhausted', message);
      }
      exhausted = new Set(full.map(({ key }) => poolText(key)));
    }

    const repeater = createRepeater({ what: 'say how full pools are', round, everyMs: EVERY_MS, clock, log });
    const caches = [claims, nads, pools, reserved, subnets] as const;
    const unsubscribe = [claims.subscribe(held.apply), ...caches.map(cache => cache.subscribe(() => repeater.wake()))];
    try {
      await Promise.all([claims.ready(signal), nads.ready(signal)]);
      for (const object of claims.list()) held.apply({ type: 'put', object });
      return await repeater.run(signal);
    } finally {
      for (const end of unsubscribe) end();
      // What another leader says counts then.
      for (const name of [SIZE, HELD]) registry.removeSingleMetric(name);
    }
  },
};

function sayExhausted({ kind, name, family }: PoolKey, size: bigint, inQuarantine: number): string {
  const strangers =
    inQuarantine === 0
      ? ''
      : `, ${inQuarantine} of them in quarantine, since others on the network have answered for them`;
  return `All ${size} addresses of ${kind} ${name} (IPv${family}) are held${strangers}: pods that ask for one wait until one is given back`;
}

const SIZE = 'underlane_pool_size';
const HELD = 'underlane_pool_held';
const LABELS = ['dialect', 'kind', 'pool', 'family'] as const;

function showSizes(registry: Registry, sizes: readonly PoolSize[], heldOf: (pool: string) => number): void {
  const size = gaugeOf(registry, SIZE, 'How many addresses a pool hands out');
  const held = gaugeOf(registry, HELD, "How many of a pool's addresses are held");
  // A pool that is no more is shown no more.
  for (const gauge of [size, held]) gauge.reset();
  for (const { key, size: total } of sizes) {
    const labels = { dialect: key.dialect, kind: key.kind, pool: key.name, family: key.family };
    size.set(labels, Number(total));
    held.set(labels, heldOf(poolText(key)));
  }
}

function gaugeOf(registry: Registry, name: string, help: string): Gauge {
  const known = registry.getSingleMetric(name);
  return known instanceof Gauge ? known : new Gauge({ name, help, labelNames: LABELS, registers: [registry] });
}
