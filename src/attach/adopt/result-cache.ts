import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, type Log, messageOf } from '#base';
import { isJsonObject, type JsonObject } from '#cni';
import { readJsonFile, textOfBytes } from './json-file.ts';

/** One attachment as libcni remembers it. */
export interface CachedResult {
  readonly path: string;
  readonly containerId: string;
  readonly network: string;
  readonly ifname: string;
  readonly netns: string;
  readonly args: Readonly<Record<string, string>>;
  readonly capabilityArgs: JsonObject;
  /** The whole configuration or list. */
  readonly config: string;
  /** As the plugins printed it. */
  readonly result: unknown;
}

/** What libcni writes into each file, and what we write for it. */
export const RESULT_KIND = 'cniCacheV1';

/**
 * Reads libcni's results of attachments: those of `dir` that are any.
 * @param dir `/var/lib/cni/results`; without it there are none
 * @param only a container; the files of others are not opened, as far as their names tell
 */
export async function readResultCache(dir: string, log: Log, only?: string): Promise<readonly CachedResult[]> {
  const found: CachedResult[] = [];
  for (const file of await filesIn(dir)) {
    if (only !== undefined && !file.includes(only)) continue;
    const path = join(dir, file);
    try {
      const cached = parseResultFile(await readJsonFile(path), path);
      if (cached !== undefined) found.push(cached);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') continue; // its DEL has just been
      log.warn({ file: path, error: messageOf(error) }, 'Cached CNI result is unreadable; left as it is');
    }
  }
  return found;
}

/** Plain files of a directory, none where there is no directory. */
export async function filesIn(dir: string): Promise<readonly string[]> {
  try {
    return (await readdir(dir, { withFileTypes: true }))
      .filter(entry => entry.isFile())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** undefined for results without configuration, as libcni wrote them before 0.7. */
function parseResultFile(value: unknown, path: string): CachedResult | undefined {
  if (!isJsonObject(value)) throw new TypeError('it holds no object');
  if (value['kind'] !== RESULT_KIND) return undefined;
  const text = (key: string): string => {
    const found = value[key];
    return typeof found === 'string' ? found : '';
  };
  const { capabilityArgs } = value;
  return {
    path,
    containerId: text('containerId'),
    network: text('networkName'),
    ifname: text('ifName'),
    netns: text('netns'),
    args: pairsOf(value['cniArgs']),
    capabilityArgs: isJsonObject(capabilityArgs) ? capabilityArgs : {},
    config: textOfBytes(value['config']) ?? '',
    result: value['result'] ?? null,
  };
}

function pairsOf(value: unknown): Readonly<Record<string, string>> {
  if (!Array.isArray(value)) return {};
  return Object.fromEntries(
    value.flatMap(pair => (Array.isArray(pair) && pair.length === 2 ? [[String(pair[0]), String(pair[1])]] : [])),
  );
}
