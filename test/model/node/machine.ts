/** What of a node outlives its agent: the journal, the release queue, and what runtimes left for the next agent. */
import type { JournalEntry } from '#attach';
import { entryId, type Journal } from '#attach';
import type { CniRequest } from '#cni';
import type { ClaimRef } from '#ipam';
import { createHoldings } from '../../../src/attach/journal/holdings.ts';
import type { openQueueFiles } from '../../../src/ipam/release/queue-files.ts';

export interface Machine {
  readonly name: string;
  readonly journal: Map<string, JournalEntry>;
  readonly queue: Map<string, ClaimRef>;
  /** DELs that came while no agent ran. */
  spool: readonly CniRequest[];
  /** Entries (by nonce) whose interfaces are in the kernel, or may be. */
  readonly wired: Set<string>;
  /** Interfaces that were set down: `entry's nonce/claim's name`. */
  readonly down: Set<string>;
  /** No packet leaves it or gets to it. */
  isCut: boolean;
}

export function createMachine(name: string): Machine {
  return { name, journal: new Map(), queue: new Map(), spool: [], wired: new Set(), down: new Set(), isCut: false };
}

/** The life of a process: ends all at once, between any two things that it does. */
export interface Life {
  readonly isOver: boolean;
  /** The process is about to do something that lasts, or has just done it. @returns false when it does not come to that any more */
  beat(): boolean;
}

/** The machine's journal as its agent has it open. After the end of the agent nothing is written. */
export function openMachineJournal({ journal }: Machine, life: Life): Journal {
  const holdings = createHoldings();
  for (const entry of journal.values()) holdings.put(entry);
  return {
    find: key => journal.get(entryId(key)),
    list: () => [...journal.values()],
    holdings,
    put(entry) {
      if (!life.beat()) return;
      journal.set(entryId(entry.key), entry);
      holdings.put(entry);
      life.beat();
    },
    remove(key) {
      if (!life.beat()) return;
      journal.delete(entryId(key));
      holdings.remove(key);
      life.beat();
    },
  };
}

/** The machine's release queue. What is written is there before its writer hears of it. */
export function openMachineQueue(
  { queue }: Machine,
  life: Life,
  disk: (what: string) => Promise<void>,
): ReturnType<typeof openQueueFiles> {
  return {
    left: [...queue.values()],
    async write(ref) {
      await disk(`queue ${ref.name}`);
      if (!life.beat()) return never();
      queue.set(ref.uid, ref);
      if (!life.beat()) return never();
      await disk(`queue ${ref.name}, sync`);
    },
    async remove(uid) {
      if (!life.beat()) return never();
      queue.delete(uid);
    },
  };
}

/** What a process that has ended waits for. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}
