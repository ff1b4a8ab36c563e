import { glob } from 'node:fs/promises';

/** Which tests: `unit` touches only its own memory, `kernel` needs a namespace of its own. */
export type TestKind = 'unit' | 'kernel';

/** Test files below some folders, sorted, whose path contains `filter`. */
export async function findTestFiles(
  folders: readonly string[],
  kind: TestKind,
  filter = '',
): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const file of glob(folders.map(folder => `${folder}/**/*.test.ts`))) {
    if (file.endsWith('.netns.test.ts') === (kind === 'kernel') && file.includes(filter)) files.push(file);
  }
  return files.sort();
}
