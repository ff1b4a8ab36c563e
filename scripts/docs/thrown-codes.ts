import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findImports } from '../imports/find-imports.ts';

/** Codes of the PlanErrors in a plugin's sources. */
export interface ThrownCodes {
  /** In its own folder. */
  readonly own: ReadonlySet<string>;
  /** In all that it imports of its room, too. */
  readonly reachable: ReadonlySet<string>;
}

/** Follows the imports of a plugin's door within its room. */
export async function collectThrownCodes(door: string): Promise<ThrownCodes> {
  const files = new Set([door]);
  const own = new Set<string>();
  const reachable = new Set<string>();
  // A set's loop sees what is added meanwhile.
  for (const file of files) {
    const source = await readFile(file, 'utf8');
    for (const [, code = ''] of source.matchAll(/new PlanError\(\s*'([A-Z_]+)'/g)) {
      reachable.add(code);
      if (dirname(file) === dirname(door)) own.add(code);
    }
    for (const { specifier } of findImports(source)) {
      if (specifier.startsWith('.')) files.add(join(dirname(file), specifier));
    }
  }
  return { own, reachable };
}
