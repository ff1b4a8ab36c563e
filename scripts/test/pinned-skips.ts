import { readFile } from 'node:fs/promises';

const PATH = 'test/skipped.json';

/** Most skipped tests by ring. The file may only ever go down. A ring that it does not name may skip none. */
export async function readPinnedSkips(): Promise<Readonly<Record<string, number>>> {
  const pins: unknown = JSON.parse(await readFile(PATH, 'utf8'));
  if (typeof pins !== 'object' || pins === null) throw new Error(`Cannot read ${PATH}: expected an object`);
  const entries = Object.entries(pins).map(([ring, count]): [string, number] => {
    if (!Number.isInteger(count))
      throw new Error(`Cannot read ${PATH}: ring "${ring}" is ${String(count)}, expected a count`);
    return [ring, Number(count)];
  });
  return Object.fromEntries(entries);
}
