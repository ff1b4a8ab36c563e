/** What tests of the journal, and of those who read it, share. */
import type { AttachmentRecord, EntryKey, JournalEntry } from './entry.ts';

/** An entry of a request of ours that is done, with nothing made for it yet. */
export function entryOf(key: Partial<EntryKey> = {}, more: Partial<JournalEntry> = {}): JournalEntry {
  return {
    format: 1,
    key: { containerId: 'c', ifname: 'eth0', plugin: 'underlane', network: '', ...key },
    netns: '/run/netns/x',
    nonce: 'n',
    state: 'added',
    cniVersion: '1.0.0',
    attachments: [],
    ...more,
  };
}

/** What was made for one network of it. */
export function recordOf(more: Partial<AttachmentRecord> = {}): AttachmentRecord {
  return { network: 'lan', ifname: 'eth0', leases: [], segments: [], ...more };
}
