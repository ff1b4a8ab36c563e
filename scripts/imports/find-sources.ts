import { glob } from 'node:fs/promises';

/** The rooms' files that are no tests. */
export async function findSources(): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const file of glob('src/**/*.ts')) if (!file.endsWith('.test.ts')) files.push(file);
  return files.sort();
}
