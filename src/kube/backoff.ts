const FIRST_MS = 200;
/** A node must not stay blind much longer than the API server's own outage. */
const LONGEST_MS = 10_000;

/**
 * The pause before attempt number `failures` + 1: doubling from 200 ms to 10 s, of which a random half is taken off so that a
 * cluster's nodes do not come back in step.
 *
 * @param random 0 inclusive to 1 exclusive
 */
export function backoffMs(failures: number, random: number = Math.random()): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return full * (1 - random / 2);
}
