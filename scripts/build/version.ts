import { readFile } from 'node:fs/promises';

/** The version in package.json. */
export async function readVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile('package.json', 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new Error('Cannot read package.json: expected a version');
}
