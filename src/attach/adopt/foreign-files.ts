import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Log } from '#base';
import type { JournalEntry } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';
import { type ForeignPlaces, handedOverIn } from './foreign-places.ts';

/** See adoptForeign(): loaded only where there is, or was, something to adopt. */
export async function adoptIfAny(places: ForeignPlaces, journal: Journal, log: Log): Promise<void> {
  if (!existsSync(places.multusDir) && journal.list().every(({ foreign }) => foreign === undefined)) return;
  const { adoptForeign } = await import('./adopt.ts');
  await adoptForeign(places, journal, log);
}

/** See takeBack(): loaded only where something was handed over. */
export async function takeBackIfAny(
  stateDir: string,
  { multusDir }: ForeignPlaces,
  journal: Journal,
  log: Log,
): Promise<void> {
  const note = handedOverIn(stateDir);
  if (!existsSync(note)) return;
  const { takeBack } = await import('./hand-over.ts');
  await takeBack(note, multusDir, journal, log);
}

/** Loads what prepares a node for our leaving: see handOver(). */
export async function loadHandOver(): Promise<(stateDir: string, multusDir: string) => readonly string[]> {
  const { handOver } = await import('./hand-over.ts');
  return handOver;
}

/** See adoptContainer(): loaded only where Multus has been. */
export async function adoptContainerIfAny(
  containerId: string,
  places: ForeignPlaces,
  journal: Journal,
  log: Log,
): Promise<void> {
  if (!existsSync(places.multusDir)) return;
  const { adoptContainer } = await import('./adopt.ts');
  await adoptContainer(containerId, places, journal, log);
}

/** Removes the files of an entry that is undone: nobody must undo it again by them. */
export async function dropForeignFiles({ foreign }: JournalEntry): Promise<void> {
  for (const path of foreign?.files ?? []) await rm(path, { force: true });
}
