import { join } from 'node:path';
import type { FoundImport } from './find-imports.ts';
import { MATRIX, NAME_OWNERS, PACKAGE_OWNERS } from './matrix.ts';

/** `testing.ts`, `testing-*.ts`. */
const TEST_SUPPORT = /(^|\/)testing(-[^/]*)?\.ts$/;

/** @returns what is wrong with an import of `file` (`src/ROOM/...`), undefined when nothing is */
export function judgeImport(file: string, found: FoundImport): string | undefined {
  const room = roomOf(file);
  const { specifier } = found;
  if (specifier.startsWith('.')) return judgeRelative(file, room, specifier);
  if (specifier.startsWith('#')) return judgeDoor(room, found);
  if (specifier.startsWith('node:')) return undefined;
  const owner = PACKAGE_OWNERS[packageOf(specifier)];
  if (owner === undefined || owner === room) return undefined;
  return `package "${specifier}" belongs to room "${owner}": import from "#${owner}"`;
}

function judgeRelative(file: string, room: string, specifier: string): string | undefined {
  if (!/\.(ts|json)$/.test(specifier)) return `"${specifier}" must end in .ts`;
  const target = roomOf(join(file, '..', specifier));
  if (target === room) return undefined;
  // What only tests may use has no door.
  const isForTests = TEST_SUPPORT.test(file) && TEST_SUPPORT.test(specifier);
  if (isForTests && MATRIX[room]?.rooms.includes(target)) return undefined;
  return `"${specifier}" leaves the room: import from "#${target}"`;
}

function judgeDoor(room: string, { specifier, isTypeOnly, names }: FoundImport): string | undefined {
  const target = specifier.slice(1);
  const rule = MATRIX[room];
  if (rule === undefined) return `room "${room}" is not in the import matrix (scripts/imports/matrix.ts)`;
  if (target === room) return `"${specifier}" is this room's own door: import the file`;
  if (!rule.rooms.includes(target)) {
    if (!rule.types?.includes(target)) return `room "${room}" may not import "${specifier}"`;
    if (!isTypeOnly) return `room "${room}" may import only types of "${specifier}"`;
  }
  const taken = NAME_OWNERS.find(({ from, rooms }) => from === target && !rooms.includes(room));
  const name = names.find(candidate => taken?.pattern.test(candidate));
  return name === undefined ? undefined : `"${name}" of "${specifier}" is only for ${taken?.rooms.join(', ')}`;
}

function roomOf(file: string): string {
  return file.split('/')[1] ?? '';
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
