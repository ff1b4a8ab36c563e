import type { Clock } from '#base';

/** Since when things are as they are, by this process's own clock: others' clocks need not agree with it. */
export interface Sightings {
  /** Milliseconds since `value` was first seen for the key; 0 when it is another than before. */
  ageMs(key: string, value: string): number;
  /** Forgets all other keys. */
  keepOnly(keys: ReadonlySet<string>): void;
}

export function createSightings(clock: Clock): Sightings {
  const seen = new Map<string, { readonly value: string; readonly at: number }>();
  return {
    ageMs(key, value) {
      const now = clock.now();
      const known = seen.get(key);
      if (known?.value === value) return Math.max(0, now - known.at);
      seen.set(key, { value, at: now });
      return 0;
    },
    keepOnly(keys) {
      for (const key of seen.keys()) if (!keys.has(key)) seen.delete(key);
    },
  };
}
