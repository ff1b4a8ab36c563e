import { mkdir } from 'node:fs/promises';
import { runChild } from '../../scripts/test/run-child.ts';

/** Unpacks packages over each other below a folder, without installing anything. @throws an Error with dpkg's own words */
export async function unpackPackages(packages: readonly string[], root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const file of packages) {
    const { problem, output } = await runChild({ command: ['dpkg-deb', '-x', file, root], timeoutMs: 60_000 });
    if (problem !== undefined) throw new Error(`cannot unpack ${file} (${output.trim() || problem})`);
  }
}
