import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { collectErrorCodes } from '../error-codes/collect-error-codes.ts';
import { findImports } from '../imports/find-imports.ts';

/** Codes of the room's errors that a plugin's sources throw. */
export interface ThrownCodes {
  /** In its own folder. */
  readonly own: ReadonlySet<string>;
  /** In all that it imports of its room, too. */
  readonly reachable: ReadonlySet<string>;
}

/** Follows the imports of a plugin's door within its room, up to the list of errors. */
export async function collectThrownCodes(door: string): Promise<ThrownCodes> {
  const list = join(dirname(door), '../errors.ts');
  const known = new Set(collectErrorCodes('plugins', await readFile(list, 'utf8')).map(({ code }) => code));
  const files = new Set([door]);
  const own = new Set<string>();
  const reachable = new Set<string>();
  // A set's loop sees what is added meanwhile.
  for (const file of files) {
    const source = await readFile(file, 'utf8');
    for (const [, code = ''] of source.matchAll(/'([A-Z_]+)'/g)) {
      if (!known.has(code)) continue;
      reachable.add(code);
      if (dirname(file) === dirname(door)) own.add(code);
    }
    for (const { specifier } of findImports(source)) {
      const target = join(dirname(file), specifier);
      if (specifier.startsWith('.') && target !== list) files.add(target);
    }
  }
  return { own, reachable };
}
