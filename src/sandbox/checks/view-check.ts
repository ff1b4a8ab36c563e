import type { Family } from '../family.ts';
import type { Check } from './check.ts';

/** A check that an object which people look at says what is; the API server is asked. */
export function viewCheck(name: string, family: Family | null, object: string, look: () => Promise<void>): Check {
  return {
    name,
    family,
    from: 'kubectl',
    to: object,
    async attempt() {
      const start = performance.now();
      await look();
      return Math.round((performance.now() - start) * 10) / 10;
    },
  };
}
