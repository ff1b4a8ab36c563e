import { type Clock, type Log, messageOf } from '#base';
import type { Announcement } from '#probe';
import { changesOf, type EntryKey, entryId, type JournalEntry } from '../journal/entry.ts';

/** Tells the network where pods' addresses are now, behind everybody's back. */
export interface Announcer {
  /** Begins after what is under way now, the caller's answer first of all. Never throws. */
  announce(entry: JournalEntry): void;
  /** What has not been said yet is not said any more: the entry's interfaces are about to go. */
  forget(key: EntryKey): void;
}

export interface AnnouncerOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Ends all of it. */
  readonly signal: AbortSignal;
}

/** An announcer that says nothing before its turn, and keeps nothing of a namespace open for longer than it speaks. */
export function createAnnouncer({ clock, log, signal }: AnnouncerOptions): Announcer {
  const speaking = new Map<string, AbortController>();
  signal.addEventListener(
    'abort',
    () => {
      for (const over of speaking.values()) over.abort();
    },
    { once: true },
  );

  async function speak(entry: JournalEntry, ending: AbortSignal): Promise<void> {
    const announcements = announcementsOf(entry);
    if (announcements.length === 0) return;
    const { announceAddresses } = await import('#probe');
    ending.throwIfAborted();
    await announceAddresses(entry.netns, announcements, clock, ending);
  }

  return {
    announce(entry) {
      if (signal.aborted) return;
      const id = entryId(entry.key);
      const over = new AbortController();
      speaking.get(id)?.abort();
      speaking.set(id, over);
      setImmediate(() => {
        speak(entry, over.signal)
          .catch((error: unknown) => {
            if (over.signal.aborted) return;
            log.warn(
              { entry: id, error: messageOf(error) },
              "Cannot announce a pod's addresses; caches learn them late",
            );
          })
          .finally(() => {
            if (speaking.get(id) === over) speaking.delete(id);
          });
      });
    },
    forget: key => speaking.get(entryId(key))?.abort(),
  };
}

/**
 * The addresses that we have put on the pod's interfaces, and those that we have given to a third-party plugin that puts them
 * there. What such a one has from elsewhere is its own to announce.
 */
function announcementsOf(entry: JournalEntry): readonly Announcement[] {
  const shared = sharedOf(entry);
  const byDev = new Map<string, string[]>();
  for (const { item } of changesOf(entry)) {
    if (item.kind !== 'address' || item.place !== 'pod') continue;
    byDev.set(item.dev, [...(byDev.get(item.dev) ?? []), addressAlone(item.address)]);
  }
  for (const { ifname, leases, result } of entry.attachments) {
    if (byDev.has(ifname) || leases.length === 0) continue;
    byDev.set(
      ifname,
      (result?.ips ?? []).map(({ address }) => addressAlone(address)),
    );
  }
  return [...byDev]
    .map(([dev, addresses]) => ({ dev, addresses: addresses.filter(address => !shared.has(address)) }))
    .filter(({ addresses }) => addresses.length > 0);
}

/** A virtual machine that migrates to the pod is still elsewhere: it says itself when it has come. */
function sharedOf({ pod, attachments }: JournalEntry): ReadonlySet<string> {
  const leases = attachments.flatMap(attachment => attachment.leases);
  return new Set(
    leases.flatMap(lease =>
      lease.kind === 'claim' && lease.spec.heir !== undefined && lease.spec.heir.podUid === pod?.uid
        ? [addressAlone(lease.spec.address)]
        : [],
    ),
  );
}

function addressAlone(address: string): string {
  return address.split('/')[0] ?? address;
}
