import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '#cni';

interface Vectors {
  readonly shapes: Readonly<Record<string, 'families' | 'lists' | 'details'>>;
  readonly details: JsonObject;
  readonly lists: JsonObject;
  readonly families: JsonObject;
  /** What became of `families` in a later version: interfaces and further addresses are lost. */
  readonly familiesAsLists: JsonObject;
  /** Versions in which every address tells its family. */
  readonly ipFamilyIn: readonly string[];
}

// Written by hand after the specification's result types; nothing of ours has made it.
const vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors.json'), 'utf8')) as Vectors;

export const VERSIONS: readonly string[] = Object.keys(vectors.shapes);

/** One and the same result as a plugin of version `from` prints it. */
export function resultIn(from: string): JsonObject {
  return expectedIn(from, from);
}

/** That result once it has gone through version `from` and is printed in version `to`. */
export function expectedIn(to: string, from: string): JsonObject {
  const [target, source] = [vectors.shapes[to], vectors.shapes[from]];
  if (target === 'families') return { ...vectors.families, cniVersion: to };
  const shape =
    source === 'families' ? 'familiesAsLists' : target === 'lists' || source === 'lists' ? 'lists' : 'details';
  const result: JsonObject = { ...vectors[shape], cniVersion: to };
  if (!vectors.ipFamilyIn.includes(to)) return result;
  const ips = result['ips'] as readonly { readonly address: string }[];
  return { ...result, ips: ips.map(ip => ({ version: ip.address.includes(':') ? '6' : '4', ...ip })) };
}
