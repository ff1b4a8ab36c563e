import * as z from 'zod/mini';
import { AttachError } from '../errors.ts';
import type { EntryState, JournalEntry } from './entry.ts';

/** Later states come later: of two files of one entry, the one that a crash kept from being removed is the earlier. */
export const ENTRY_STATES: readonly EntryState[] = ['adding', 'added', 'deleting', 'undone'];

/** As much as everything that looks through all entries relies on; wirings and results are looked at one by one. */
const outline = z.looseObject({
  format: z.literal(1),
  key: z.object({ containerId: z.string(), ifname: z.string(), plugin: z.string(), network: z.string() }),
  netns: z.string(),
  nonce: z.string(),
  attachments: z.array(
    z.looseObject({
      network: z.string(),
      ifname: z.string(),
      leases: z.array(z.looseObject({ kind: z.literal(['claim', 'host-local']) })),
      segments: z.array(
        z.union([
          z.looseObject({
            kind: z.literal('wiring'),
            changes: z.array(
              z.looseObject({
                op: z.literal(['create', 'replace', 'keep']),
                item: z.looseObject({ kind: z.string(), place: z.literal(['host', 'pod']) }),
              }),
            ),
          }),
          z.looseObject({ kind: z.literal('exec'), type: z.string() }),
        ]),
      ),
    }),
  ),
});

/**
 * Reads a journal file. The state is the file name's: a file that was only renamed still says its former one inside.
 * @throws AttachError JOURNAL_FORMAT, SyntaxError for what is no entry: cut off, or written by somebody else
 */
export function parseEntry(text: string, file: string): JournalEntry {
  const parsed = outline.safeParse(JSON.parse(text));
  const state = ENTRY_STATES.find(candidate => file.endsWith(`.${candidate}.json`));
  if (!parsed.success || state === undefined) {
    throw new AttachError(
      'JOURNAL_FORMAT',
      'Not a journal entry: expected format 1 with key and attachments, and the state in the name',
    );
  }
  // What has the outline was written by the journal alone.
  return { ...(parsed.data as unknown as JournalEntry), state };
}
