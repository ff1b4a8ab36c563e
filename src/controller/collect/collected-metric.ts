import { Counter, type Registry } from '#health';

const NAME = 'underlane_controller_claims_collected_total';

/** Counts a claim that was given back in its node's place. */
export function countCollected(registry: Registry, why: string): void {
  const known = registry.getSingleMetric(NAME);
  const counter =
    known instanceof Counter
      ? known
      : new Counter({
          name: NAME,
          help: 'Claims that were given back in the place of their node, by the proof that it is dead',
          labelNames: ['why'],
          registers: [registry],
        });
  counter.inc({ why });
}
