const SECOND_MS = 1_000;
/** As much of an object may be written in a second: every agent follows the pools, and is sent all that is written. */
const BYTES_A_SECOND = 16_384;
const LONGEST_MS = 300_000;

/** The pause after a write of an object of this size: a second, and more as it grows, so that etcd and whoever follows carry the same. */
export function pauseAfterMs(bytes: number): number {
  return Math.max(SECOND_MS, Math.ceil((bytes * SECOND_MS) / BYTES_A_SECOND));
}

/** The pause after so many failures of one object in a row: doubling from 1 s to 5 min. */
export function pauseAfterFailuresMs(failures: number): number {
  return Math.min(LONGEST_MS, SECOND_MS * 2 ** (failures - 1));
}

/** Beyond this an object shows how many claims there are instead of which: etcd stops at 1.5 MB. */
export const LISTED_BYTES = 524_288;
