import { KUBE_OVN_SUBNETS, SPIDER_IP_POOLS, SPIDER_RESERVED_IPS, WHEREABOUTS_IP_POOLS } from '#api';
import { Gauge, type Registry } from '#health';
import type { Loop } from '../loop.ts';
import { createRepeater } from '../repeater.ts';
import { createAlarms } from './alarms.ts';
import { foreignRanges, sayForeign } from './foreign-ranges.ts';
import { createHeldCounts, type HeldCounts } from './held-counts.ts';
import { kubeOvnSubnetSizes, spiderPoolSizes } from './object-sizes.ts';
import { type PoolSize, poolText } from './pool-size.ts';
import { rangeSizes } from './range-sizes.ts';

const EVERY_MS = 60_000;

/** Says how full pools are: by metrics, and by Events once one is exhausted, or somebody else's as well. */
export const POOLS_LOOP: Loop = {
  name: 'pools',
  runsOn: 'leader',
  async start(deps, signal) {
    const { claims, nads, catalog, events, registry, clock, log } = deps;
    const [pools, reserved, subnets, ranges] = await Promise.all([
      catalog.of(SPIDER_IP_POOLS, signal),
      catalog.of(SPIDER_RESERVED_IPS, signal),
      catalog.of(KUBE_OVN_SUBNETS, signal),
      catalog.of(WHEREABOUTS_IP_POOLS, signal),
    ]);
    const held = createHeldCounts();
    const alarms = createAlarms(events);

    async function round(): Promise<void> {
      const sizes = [
        ...rangeSizes(nads.list()),
        ...(await spiderPoolSizes(pools.list(), reserved.list(), catalog)),
        ...(await kubeOvnSubnetSizes(subnets.list())),
      ];
      showSizes(registry, sizes, held.of);
      const heldOf = ({ key }: PoolSize): number => held.of(poolText(key));
      alarms.tell([
        ...sizes
          .filter(pool => pool.size > 0n && BigInt(heldOf(pool)) >= pool.size)
          .map(pool => ({ pool, reason: 'PoolExhausted', message: sayExhausted(pool, held) }) as const),
        ...foreignRanges(sizes, ranges.list(), heldOf).map(
          range => ({ pool: range.pool, reason: 'ForeignAllocations', message: sayForeign(range) }) as const,
        ),
      ]);
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

function sayExhausted({ key, size }: PoolSize, held: HeldCounts): string {
  const inQuarantine = held.inQuarantine(poolText(key));
  const strangers =
    inQuarantine === 0
      ? ''
      : `, ${inQuarantine} of them in quarantine, since others on the network have answered for them`;
  return `All ${size} addresses of ${key.kind} ${key.name} (IPv${key.family}) are held${strangers}: pods that ask for one wait until one is given back`;
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
