import type { CniResult } from '#cni';
import type { DeviceInfo } from '#devices';
import type { AttachmentRecord, JournalEntry, Lease, Segment } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';

/** An entry while its ADD is under way: grows in memory, goes to disk before each side effect. */
export interface Draft {
  readonly entry: JournalEntry;
  lease(index: number, leases: readonly Lease[]): void;
  result(index: number, result: CniResult): void;
  deviceInfo(index: number, deviceInfo: DeviceInfo): void;
  /**
   * Writes what is about to be done. The draft has it only if the journal does: what could not be written is not done,
   * so there is nothing of it to undo.
   */
  intend(segments: readonly PlacedSegment[]): void;
  /** Writes what the attachment's last segment came to. */
  conclude(index: number, segment: Segment): void;
  /** Writes the entry as it is now, in this state. */
  commit(state: JournalEntry['state']): void;
}

export interface PlacedSegment {
  /** Which attachment it belongs to. */
  readonly index: number;
  readonly segment: Segment;
}

/** A draft that begins with `start`; nothing is on disk before the first `intend` or `commit`. */
export function createDraft(start: JournalEntry, journal: Journal): Draft {
  let entry = start;

  function write(next: JournalEntry): void {
    journal.put(next);
    entry = next;
  }

  return {
    get entry() {
      return entry;
    },
    lease(index, leases) {
      entry = withRecord(entry, index, record => ({ ...record, leases: [...record.leases, ...leases] }));
    },
    result(index, result) {
      entry = withRecord(entry, index, record => ({ ...record, result }));
    },
    deviceInfo(index, deviceInfo) {
      entry = withRecord(entry, index, record => ({ ...record, deviceInfo }));
    },
    intend(added) {
      const next = added.reduce(
        (before, { index, segment }) =>
          withRecord(before, index, record => ({ ...record, segments: [...record.segments, segment] })),
        entry,
      );
      write(next);
    },
    conclude(index, segment) {
      // Known from here on, written or not: the undo can use it.
      entry = withRecord(entry, index, record => ({ ...record, segments: [...record.segments.slice(0, -1), segment] }));
      write(entry);
    },
    commit: state => write({ ...entry, state }),
  };
}

function withRecord(
  entry: JournalEntry,
  index: number,
  update: (record: AttachmentRecord) => AttachmentRecord,
): JournalEntry {
  return {
    ...entry,
    attachments: entry.attachments.map((record, position) => (position === index ? update(record) : record)),
  };
}
