import type { Change } from '#wiring';
import { changesOf, type EntryKey, entryId, type JournalEntry } from './entry.ts';

/**
 * What the journal's entries hold, by what is held. Kept along with every change, so that an ADD costs the same on a full
 * node as on an empty one.
 */
export interface Holdings {
  /**
   * By key: the change with which a shared item was made that stands in the kernel because of us. A later user records the
   * same change, so that whoever is last removes the item, and something that was there before us is left to its owner.
   */
  readonly ownShared: Pick<ReadonlyMap<string, Change>, 'get'>;
  /**
   * Whether any entry but `except` uses the shared item. One that is being undone does not: two last users at once would
   * else each leave the item to the other.
   */
  isSharedInUse(key: string, except: EntryKey): boolean;
  /** Whether an entry holds this host-local address of the network. */
  isLeased(network: string, address: string): boolean;
}

/** Holdings that follow entries as they come, change and go. */
export interface HoldingsKeeper extends Holdings {
  /** Takes an entry in, in place of what it was before. */
  put(entry: JournalEntry): void;
  remove(key: EntryKey): void;
}

interface Use {
  readonly change: Change;
  readonly entry: JournalEntry;
}

export function createHoldings(): HoldingsKeeper {
  const entries = new Map<string, JournalEntry>();
  /** Shared key, then entry. */
  const shared = new Map<string, Map<string, Use>>();
  /** Network and address, then entries. */
  const leases = new Map<string, Set<string>>();

  function remove(key: EntryKey): void {
    const id = entryId(key);
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    for (const { item } of changesOf(entry)) if (item.shared !== undefined) drop(shared, item.shared, id);
    for (const lease of leaseKeysOf(entry)) drop(leases, lease, id);
  }

  return {
    put(entry) {
      remove(entry.key);
      const id = entryId(entry.key);
      entries.set(id, entry);
      for (const change of changesOf(entry)) {
        if (change.item.shared === undefined) continue;
        const uses = getOrAdd(shared, change.item.shared, () => new Map<string, Use>());
        const known = uses.get(id);
        // Of several changes of one entry, the one that made the item.
        if (known === undefined || known.change.op === 'keep') uses.set(id, { change, entry });
      }
      for (const lease of leaseKeysOf(entry)) getOrAdd(leases, lease, () => new Set<string>()).add(id);
    },
    remove,
    ownShared: {
      get(key) {
        for (const { change } of shared.get(key)?.values() ?? []) if (change.op !== 'keep') return change;
        return undefined;
      },
    },
    isSharedInUse(key, except) {
      const exceptId = entryId(except);
      for (const [id, { entry }] of shared.get(key) ?? []) {
        if (id !== exceptId && entry.state !== 'deleting' && entry.state !== 'undone') return true;
      }
      return false;
    },
    isLeased: (network, address) => leases.has(leaseKey(network, address)),
  };
}

function leaseKeysOf(entry: JournalEntry): readonly string[] {
  return entry.attachments.flatMap(attachment =>
    attachment.leases.flatMap(lease =>
      lease.kind === 'host-local' ? [leaseKey(lease.network, lease.address.split('/')[0] ?? '')] : [],
    ),
  );
}

/** Addresses hold no blank. */
function leaseKey(network: string, address: string): string {
  return `${address} ${network}`;
}

function getOrAdd<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

function drop(map: Map<string, Map<string, unknown> | Set<string>>, key: string, id: string): void {
  const holders = map.get(key);
  holders?.delete(id);
  if (holders?.size === 0) map.delete(key);
}
