import { Counter, type Registry } from '#health';

/** A counter that is made when it is first counted: loops start again, metrics are registered once. */
export interface LazyCounter {
  readonly name: string;
  readonly help: string;
  readonly label: string;
}

/** Counts up by `by`. */
export function count(registry: Registry, { name, help, label }: LazyCounter, value: string, by = 1): void {
  const known = registry.getSingleMetric(name);
  const counter =
    known instanceof Counter ? known : new Counter({ name, help, labelNames: [label], registers: [registry] });
  counter.inc({ [label]: value }, by);
}
