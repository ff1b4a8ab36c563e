import { messageOf } from '#base';
import type { Change } from '#wiring';
import { dropDeviceInfo } from './add/device-info.ts';
import { dropForeignFiles } from './adopt/foreign-files.ts';
import { runDelegate } from './delegate.ts';
import type { AttachDeps } from './deps.ts';
import {
  type AttachmentRecord,
  type EntryState,
  entryId,
  isPlugged,
  type JournalEntry,
  type Lease,
  type Segment,
} from './journal/entry.ts';
import { type Kernel, openKernel } from './kernel.ts';

/**
 * Takes back everything in the kernel and at third-party plugins that an entry says was done or planned, in reverse, ours
 * and exec'd interleaved as on ADD. Needs neither API server, nor config, nor the pod's namespace, nor room on the disk.
 * The entry stays, `deleting`, with its addresses.
 * @throws AggregateError when a part could not be undone: who tries again goes on
 */
export async function undoEntry(entry: JournalEntry, deps: AttachDeps, signal: AbortSignal): Promise<void> {
  deps.announcer.forget(entry.key);
  try {
    mark(entry, 'deleting', deps);
  } catch (error) {
    // All of it can be done twice, so it need not be known that it began; and a full disk is no reason to leave a link.
    deps.log.error({ entry: entryId(entry.key), error: messageOf(error) }, 'Undoing without a note of it');
  }
  const failures: unknown[] = [];
  // What came to the pod last goes first.
  await deleteChildren(entry, isPlugged, deps, signal, failures);
  using kernel = hasWiring(entry.attachments) ? openKernel(deps.host, entry.netns) : undefined;
  failures.push(...(await undoAttachments(entry, [...entry.attachments.keys()], kernel, deps, signal)));
  try {
    dropDeviceInfo(entry);
  } catch (error) {
    failures.push(error);
  }
  // What a delegate asked for through us and did not give back itself.
  await deleteChildren(entry, child => !isPlugged(child), deps, signal, failures);
  if (failures.length > 0) {
    const what = failures.map(messageOf).join('; ');
    throw new AggregateError(failures, `Cannot undo everything of container "${entry.key.containerId}": ${what}`);
  }
}

/**
 * Undoes the segments of an entry's attachments in reverse, whatever fails.
 * @param isKept whether a shared item has users beside those of other entries
 * @returns the failures
 */
export async function undoAttachments(
  entry: JournalEntry,
  indexes: readonly number[],
  kernel: Kernel | undefined,
  deps: AttachDeps,
  signal: AbortSignal,
  isKept: (shared: string) => boolean = () => false,
): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  for (const { index, segment } of toUndo(entry, indexes)) {
    try {
      if (segment.kind === 'wiring') {
        await kernel?.undo(segment.changes, {
          isSharedInUse: key => isKept(key) || deps.journal.holdings.isSharedInUse(key, entry.key),
          onRemark: remark => deps.log.warn({ entry: entryId(entry.key) }, remark),
        });
      } else if (entry.foreign !== undefined) {
        // Loaded where somebody else has been before us.
        const { undoForeign } = await import('./adopt/undo-foreign.ts');
        await undoForeign({ entry, index, segment }, deps, signal);
      } else {
        await runDelegate({ entry, index, segment }, 'DEL', deps, signal);
      }
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}

type UndoStep =
  | { readonly index: number; readonly segment: Exclude<Segment, { readonly kind: 'wiring' }> }
  | { readonly index: number; readonly segment: { readonly kind: 'wiring'; readonly changes: readonly Change[] } };

/** What is to be undone, in reverse. Wiring that nothing exec'd stands between is one: the kernel waits once for all of its links. */
function toUndo(entry: JournalEntry, indexes: readonly number[]): readonly UndoStep[] {
  const steps: UndoStep[] = [];
  for (const index of indexes) {
    for (const segment of entry.attachments[index]?.segments ?? []) {
      const last = steps.at(-1)?.segment;
      if (segment.kind !== 'wiring') steps.push({ index, segment });
      else if (last?.kind !== 'wiring') steps.push({ index, segment: { kind: 'wiring', changes: segment.changes } });
      else steps.splice(-1, 1, { index, segment: { kind: 'wiring', changes: [...last.changes, ...segment.changes] } });
    }
  }
  return steps.toReversed();
}

async function deleteChildren(
  { key }: JournalEntry,
  which: (child: JournalEntry) => boolean,
  deps: AttachDeps,
  signal: AbortSignal,
  failures: unknown[],
): Promise<void> {
  for (const child of deps.journal.list().filter(other => other.parent === entryId(key) && which(other))) {
    await deleteEntry(child, deps, signal).catch((error: unknown) => failures.push(error));
  }
}

/**
 * A whole DEL: undo, then give back the addresses (or queue that on disk), then forget the entry.
 * @throws what could not be done, after `onUnfinished` has heard of it
 */
export async function deleteEntry(entry: JournalEntry, deps: AttachDeps, signal: AbortSignal): Promise<void> {
  try {
    if (entry.state !== 'undone') {
      await undoEntry(entry, deps, signal);
      // From here on its claims no longer count as bound, so this must be written.
      mark(entry, 'undone', deps);
    }
    await dropForeignFiles(entry);
    const claims = entry.attachments.flatMap(attachment =>
      attachment.leases.flatMap((lease: Lease) => (lease.kind === 'claim' ? [lease.ref] : [])),
    );
    // On disk before the entry goes, or a crash in between would lose them.
    if (deps.cluster !== undefined && claims.length > 0) await deps.cluster.releaser.enqueue(claims);
    deps.journal.remove(entry.key);
    deps.onEntryGone?.(entry.pod?.uid ?? entry.key.containerId);
  } catch (error) {
    deps.onUnfinished(entry, error);
    throw error;
  }
}

/** Changes the state of what the journal has of an entry, and only that: it moves a file and needs no room. */
function mark(entry: JournalEntry, state: EntryState, deps: AttachDeps): void {
  const recorded = deps.journal.find(entry.key);
  if (recorded !== undefined) deps.journal.put({ ...recorded, state });
}

export function hasWiring(attachments: readonly AttachmentRecord[]): boolean {
  return attachments.some(({ segments }) => segments.some(({ kind }) => kind === 'wiring'));
}
