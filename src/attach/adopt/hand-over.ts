import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, type Log, messageOf, replaceFileSync } from '#base';
import { emptyResult, formatResult, isContainerId } from '#cni';
import { type AttachmentRecord, entryId, isPlugged, type JournalEntry } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';
import { parseEntry } from '../journal/parse-entry.ts';
import { handedOverIn } from './foreign-places.ts';
import { readJsonFile } from './json-file.ts';
import { filesIn, RESULT_KIND } from './result-cache.ts';

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
  const given = own
    .map(entry => ({ entry, records: recordsOf(entry, entries) }))
    .filter(({ entry, records }) => records.length > 0 && !existsSync(join(multusDir, entry.key.containerId)));
  if (given.length > 0) {
    // First, so that whatever is written is found again; with what was given before.
    const ids = given.map(({ entry }) => entry.key.containerId);
    replaceFileSync(handedOverIn(stateDir), JSON.stringify([...formerlyGiven(stateDir, said), ...ids]), true);
    mkdirSync(join(multusDir, 'results'), { recursive: true, mode: 0o700 });
  }
  for (const { entry, records } of given) {
    const { containerId } = entry.key;
    for (const record of records)
      replaceFileSync(resultPath(multusDir, containerId, record), resultText(entry, record), true);
    replaceFileSync(join(multusDir, containerId), JSON.stringify(records.map(delegateOf)), true);
  }
  if (own.length > 0) {
    said.push(
      `${own.length} containers that Underlane attached are still there; of ${given.length} Multus finds in "${multusDir}" what third-party plugins have done`,
    );
  }
  return said;
}

/**
 * We are back: what Multus has not deleted meanwhile is ours again, what it has deleted is undone wholly. That is so only where
 * the runtime has taken the namespace away after it: a pod that runs must not lose its networks with a file.
 */
export async function takeBack(note: string, multusDir: string, journal: Journal, log: Log): Promise<void> {
  const results = await filesIn(join(multusDir, 'results'));
  for (const containerId of await readGiven(note, log)) {
    const entry = journal
      .list()
      .find(({ key, parent }) => key.containerId === containerId && key.plugin === 'underlane' && parent === undefined);
    if (entry?.foreign !== undefined) continue;
    const path = join(multusDir, containerId);
    if (entry?.state === 'added' && !existsSync(path) && !existsSync(entry.netns)) {
      log.info({ containerId }, 'Multus has deleted this meanwhile; undoing the rest');
      journal.put({ ...entry, state: 'deleting' });
    }
    // Those of a pod that was deleted through us after all, too.
    for (const file of results.filter(name => name.includes(`-${containerId}-`))) {
      rmSync(join(multusDir, 'results', file), { force: true });
    }
    rmSync(path, { force: true });
  }
  rmSync(note, { force: true });
}

async function readGiven(note: string, log: Log): Promise<readonly string[]> {
  try {
    const given = await readJsonFile(note);
    return Array.isArray(given) ? given.filter(id => typeof id === 'string' && isContainerId(id)) : [];
  } catch (error) {
    log.error({ file: note, error: messageOf(error) }, 'Cannot read what Multus was given');
    return [];
  }
}

/** The attachments of a pod that Multus has something to do about, those that came to it later among them. */
function recordsOf(entry: JournalEntry, entries: readonly JournalEntry[]): readonly AttachmentRecord[] {
  const plugged = entries.filter(other => other.parent === entryId(entry.key) && isPlugged(other));
  return [entry, ...plugged].flatMap(({ attachments }) => attachments).filter(hasPrograms);
}

function formerlyGiven(stateDir: string, said: string[]): readonly unknown[] {
  const note = handedOverIn(stateDir);
  if (!existsSync(note)) return [];
  try {
    const given: unknown = JSON.parse(readFileSync(note, 'utf8'));
    return Array.isArray(given) ? given : [];
  } catch (error) {
    said.push(`Cannot read "${note}": ${messageOf(error)}`);
    return [];
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
