import { readFile } from 'node:fs/promises';

const PATH = 'test/skipped.json';

/** Tests that a machine may skip for a reason of its own: nobody is root everywhere. */
export interface PinnedSkip {
  /** Part of the reason that the tests give. */
  readonly because: string;
  /** How many tests may. Only ever goes down. */
  readonly most: number;
}

/** What each ring may skip. A ring that the file does not name may skip nothing. */
export async function readPinnedSkips(): Promise<Readonly<Record<string, readonly PinnedSkip[]>>> {
  const pins: unknown = JSON.parse(await readFile(PATH, 'utf8'));
  if (typeof pins !== 'object' || pins === null) throw new Error(`Cannot read ${PATH}: expected an object`);
  return Object.fromEntries(Object.entries(pins).map(([ring, list]) => [ring, parseList(ring, list)]));
}

function parseList(ring: string, list: unknown): readonly PinnedSkip[] {
  if (Array.isArray(list) && list.every(isPinnedSkip)) return list;
  throw new Error(`Cannot read ${PATH}: ring "${ring}" must be a list of { "because": text, "most": count }`);
}

function isPinnedSkip(value: unknown): value is PinnedSkip {
  if (typeof value !== 'object' || value === null || !('because' in value) || !('most' in value)) return false;
  return typeof value.because === 'string' && Number.isInteger(value.most);
}

/** @returns one sentence for each reason that is not pinned, or for which more tests were skipped than is pinned */
export function judgeSkips(reasons: readonly string[], pins: readonly PinnedSkip[]): readonly string[] {
  const byReason = Map.groupBy(reasons, reason => reason);
  return [...byReason].flatMap(([reason, { length }]) => {
    const most = pins.find(({ because }) => reason.includes(because))?.most ?? 0;
    if (length <= most) return [];
    return [
      `${length} tests were skipped because "${reason}", ${PATH} allows ${most}: make them run, or say in a commit why they cannot`,
    ];
  });
}
