import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, type Log, messageOf, replaceFileSync } from '#base';
import { emptyResult, formatResult, isJsonObject } from '#cni';
import { type AttachmentRecord, entryId, isPlugged, type JournalEntry } from '../entry.ts';
import type { Journal } from '../journal.ts';
import { parseEntry } from '../parse-entry.ts';
import { handedOverIn } from './foreign-files.ts';
import { readJsonFile } from './json-file.ts';
import { RESULT_KIND } from './result-cache.ts';

/**
 * Writes for every pod that we have attached what Multus needs for its DEL, in its own format: of what outlives the pod's
 * namespace, all that third-party plugins have done. For a node that we leave with pods running. The journal stays as it is.
 * @returns sentences about what was done
 */
export function handOver(stateDir: string, multusDir: string): readonly string[] {
  const said: string[] = [];
  const entries = readAdded(join(stateDir, 'journal'), said);
  const own = entries.filter(
    ({ foreign, key, parent }) => foreign === undefined && parent === undefined && key.plugin === 'underlane',
  );
  const given: string[] = [];
  for (const entry of own) {
    const { containerId } = entry.key;
    const plugged = entries.filter(other => other.parent === entryId(entry.key) && isPlugged(other));
    const records = [entry, ...plugged].flatMap(({ attachments }) => attachments).filter(hasPrograms);
    if (records.length === 0 || existsSync(join(multusDir, containerId))) continue;
    mkdirSync(join(multusDir, 'results'), { recursive: true, mode: 0o700 });
    for (const record of records)
      replaceFileSync(resultPath(multusDir, containerId, record), resultText(entry, record), true);
    replaceFileSync(join(multusDir, containerId), JSON.stringify(records.map(delegateOf)), true);
    given.push(containerId);
  }
  if (given.length > 0) replaceFileSync(handedOverIn(stateDir), JSON.stringify(given), true);
  if (own.length > 0) {
    said.push(
      `${own.length} containers that Underlane attached are still there; of ${given.length} Multus finds in "${multusDir}" what third-party plugins have done`,
    );
  }
  return said;
}

/** We are back: what Multus has not deleted meanwhile is ours again, what it has deleted is undone wholly. */
export async function takeBack(note: string, multusDir: string, journal: Journal, log: Log): Promise<void> {
  let given: unknown;
  try {
    given = await readJsonFile(note);
  } catch (error) {
    log.error({ file: note, error: messageOf(error) }, 'Cannot read what Multus was given');
    return;
  }
  const ids = new Set(Array.isArray(given) ? given : []);
  for (const entry of journal.list()) {
    if (!ids.has(entry.key.containerId) || entry.foreign !== undefined || entry.state !== 'added') continue;
    // Ours are put together with their pod's.
    if (entry.parent !== undefined) continue;
    const path = join(multusDir, entry.key.containerId);
    if (!existsSync(path)) {
      log.info({ containerId: entry.key.containerId }, 'Multus has deleted this meanwhile; undoing the rest');
      journal.put({ ...entry, state: 'deleting' });
      continue;
    }
    for (const record of await recordsAt(path)) rmSync(record, { force: true });
    rmSync(path, { force: true });
  }
  rmSync(note, { force: true });

  async function recordsAt(path: string): Promise<readonly string[]> {
    const containerId = path.slice(multusDir.length + 1);
    const delegates = await readJsonFile(path);
    return (Array.isArray(delegates) ? delegates : []).flatMap(delegate => {
      if (!isJsonObject(delegate) || !isJsonObject(delegate['ConfList'])) return [];
      const at = { network: String(delegate['ConfList']['name']), ifname: String(delegate['ifnameRequest']) };
      return [resultPath(multusDir, containerId, at)];
    });
  }
}

/** Reads beside an agent that may be running, so nothing is put in order here. */
function readAdded(dir: string, said: string[]): readonly JournalEntry[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter(file => file.endsWith('.added.json'))
    .flatMap(file => {
      try {
        return [parseEntry(readFileSync(join(dir, file), 'utf8'), file)];
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') said.push(`Cannot read journal file "${file}": ${messageOf(error)}`);
        return [];
      }
    });
}

function hasPrograms({ segments }: AttachmentRecord): boolean {
  return segments.some(({ kind }) => kind === 'exec');
}

/** The configuration with the third-party plugins alone. */
function configOf(record: AttachmentRecord): { readonly cniVersion: string; readonly plugins: readonly object[] } {
  const programs = record.segments.flatMap(segment =>
    segment.kind === 'exec' ? [{ ...segment.config, type: segment.type }] : [],
  );
  return { cniVersion: String(Reflect.get(programs[0] ?? {}, 'cniVersion')), plugins: programs };
}

function delegateOf(record: AttachmentRecord): unknown {
  const list = { name: record.network, ...configOf(record) };
  return {
    Conf: { cniVersion: list.cniVersion, name: list.name, ipam: {}, dns: {} },
    ConfList: list,
    Name: record.nad ?? record.network,
    ifnameRequest: record.ifname,
    IsFilterV4Gateway: false,
    IsFilterV6Gateway: false,
    Bytes: Buffer.from(JSON.stringify(list)).toString('base64'),
  };
}

function resultPath(
  dir: string,
  containerId: string,
  at: { readonly network: string; readonly ifname: string },
): string {
  return join(dir, 'results', `${at.network}-${containerId}-${at.ifname}`);
}

function resultText({ key, netns }: JournalEntry, record: AttachmentRecord): string {
  const list = { name: record.network, ...configOf(record) };
  const [program] = record.segments.filter(segment => segment.kind === 'exec');
  return JSON.stringify({
    kind: RESULT_KIND,
    containerId: key.containerId,
    config: Buffer.from(JSON.stringify(list)).toString('base64'),
    ifName: record.ifname,
    networkName: record.network,
    netns,
    cniArgs: Object.entries(program?.args ?? {}),
    result: JSON.parse(formatResult(record.result ?? emptyResult, list.cniVersion)),
  });
}
