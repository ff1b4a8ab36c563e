import { glob } from 'node:fs/promises';

/** Which tests: `unit` touches only its own memory, `kernel` needs a namespace of its own, `cluster` a real Kubernetes. */
export type TestKind = 'unit' | 'kernel' | 'cluster';

/** Test files below some folders, sorted, whose path contains `filter`. */
export async function findTestFiles(
  folders: readonly string[],
  kind: TestKind,
  filter = '',
): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const file of glob(folders.map(folder => `${folder}/**/*.test.ts`))) {
    if (kindOf(file) === kind && file.includes(filter)) files.push(file);
  }
  return files.sort();
}

function kindOf(file: string): TestKind {
  if (file.endsWith('.netns.test.ts')) return 'kernel';
  return file.endsWith('.cluster.test.ts') ? 'cluster' : 'unit';
}
