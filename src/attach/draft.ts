import type { CniResult } from '#cni';
import type { AttachmentRecord, JournalEntry, Lease, Segment } from './entry.ts';
import type { Journal } from './journal.ts';

/** An entry while its ADD is under way: grows in memory, goes to disk before each side effect. */
export interface Draft {
  readonly entry: JournalEntry;
  lease(index: number, leases: readonly Lease[]): void;
  segment(index: number, segment: Segment): void;
  replaceLastSegment(index: number, segment: Segment): void;
  result(index: number, result: CniResult): void;
  /** Writes the entry as it is now. */
  put(options: { readonly durable?: boolean; readonly state?: JournalEntry['state'] }): void;
}

/** A draft that begins with `start`; nothing is on disk before the first `put`. */
export function createDraft(start: JournalEntry, journal: Journal): Draft {
  let entry = start;

  function change(index: number, update: (record: AttachmentRecord) => AttachmentRecord): void {
    entry = {
      ...entry,
      attachments: entry.attachments.map((record, position) => (position === index ? update(record) : record)),
    };
  }

  return {
    get entry() {
      return entry;
    },
    lease: (index, leases) => change(index, record => ({ ...record, leases: [...record.leases, ...leases] })),
    segment: (index, segment) => change(index, record => ({ ...record, segments: [...record.segments, segment] })),
    replaceLastSegment: (index, segment) =>
      change(index, record => ({ ...record, segments: [...record.segments.slice(0, -1), segment] })),
    result: (index, result) => change(index, record => ({ ...record, result })),
    put({ durable = false, state }) {
      if (state !== undefined) entry = { ...entry, state };
      journal.put(entry, { durable });
    },
  };
}
