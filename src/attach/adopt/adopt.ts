import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Log, messageOf } from '#base';
import { isContainerId } from '#cni';
import type { Journal } from '../journal/journal.ts';
import { type CachedDelegate, readDelegateCache } from './delegate-cache.ts';
import { callsForeignPipeline, type ForeignContainer, foreignEntry } from './foreign-entry.ts';
import type { ForeignPlaces } from './foreign-places.ts';
import { type CachedResult, filesIn, readResultCache } from './result-cache.ts';

/**
 * Takes what Multus has attached on this node into the journal, so that a DEL, which from now on comes to us, undoes it as
 * Multus would have. Its files stay until then: whoever takes us away again leaves Multus what it needs. Can be repeated;
 * forgets what Multus has deleted itself meanwhile. Files that cannot be read are told of, and left.
 */
export async function adoptForeign(places: ForeignPlaces, journal: Journal, log: Log): Promise<void> {
  forgetGone(journal, log);
  await adopt(places, journal, log);
}

/** The same for one container, which Multus may have attached after we came. To be called in its turn. */
export async function adoptContainer(
  containerId: string,
  places: ForeignPlaces,
  journal: Journal,
  log: Log,
): Promise<void> {
  await adopt(places, journal, log, containerId);
}

async function adopt(places: ForeignPlaces, journal: Journal, log: Log, only?: string): Promise<void> {
  const containers = await findContainers(places, log, only);
  const known = new Set(journal.list().flatMap(({ key }) => (key.plugin === 'underlane' ? [key.containerId] : [])));
  let adopted = 0;
  for (const container of containers) {
    const { containerId } = container;
    if (known.has(containerId)) continue;
    const entry = foreignEntry(container, problem => log.error({ containerId }, problem));
    if (entry === undefined) continue;
    journal.put(entry);
    adopted++;
  }
  if (adopted > 0) log.info({ dir: places.multusDir, containers: adopted }, 'Adopted what Multus has attached');
}

/** An entry whose every file is gone: whoever made it has undone it. A directory that is not mounted now tells nothing. */
function forgetGone(journal: Journal, log: Log): void {
  for (const entry of journal.list()) {
    if (entry.foreign === undefined || entry.state !== 'added') continue;
    if (entry.foreign.files.some(path => existsSync(path) || !existsSync(dirname(path)))) continue;
    log.info({ containerId: entry.key.containerId }, 'Multus has undone this meanwhile; forgetting it');
    journal.remove(entry.key);
  }
}

async function findContainers(
  { multusDir, runtimeDir }: ForeignPlaces,
  log: Log,
  only?: string,
): Promise<readonly ForeignContainer[]> {
  const wanted = (id: string): boolean => isContainerId(id) && (only === undefined || id === only);
  const results = Map.groupBy(
    await readResultCache(join(multusDir, 'results'), log, only),
    ({ containerId }) => containerId,
  );
  const files = (await filesIn(multusDir)).filter(wanted);
  const ids = new Set([...files, ...results.keys()].filter(wanted));
  if (ids.size === 0) return [];
  const calls = (await readResultCache(join(runtimeDir, 'results'), log, only)).filter(callsForeignPipeline);
  const runtimes = new Map<string, CachedResult>(calls.map(call => [call.containerId, call]));
  const containers: ForeignContainer[] = [];
  for (const containerId of ids) {
    const path = join(multusDir, containerId);
    const delegates = files.includes(containerId) ? await delegatesIn(path, log) : undefined;
    const runtime = runtimes.get(containerId);
    containers.push({
      containerId,
      results: results.get(containerId) ?? [],
      ...(files.includes(containerId) ? { cachePath: path } : {}),
      ...(delegates === undefined ? {} : { delegates }),
      ...(runtime === undefined ? {} : { runtime }),
    });
  }
  return containers;
}

async function delegatesIn(path: string, log: Log): Promise<readonly CachedDelegate[] | undefined> {
  try {
    return await readDelegateCache(path);
  } catch (error) {
    log.error({ file: path, error: messageOf(error) }, "Multus' cache file is unreadable; left as it is");
    return undefined;
  }
}
