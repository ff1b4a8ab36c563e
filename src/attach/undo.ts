import { messageOf } from '#base';
import { dropForeignFiles } from './adopt/foreign-files.ts';
import { runDelegate } from './delegate.ts';
import type { AttachDeps } from './deps.ts';
import { dropDeviceInfo } from './device-info.ts';
import { type AttachmentRecord, type EntryState, entryId, isPlugged, type JournalEntry, type Lease } from './entry.ts';
import { type Kernel, openKernel } from './kernel.ts';

/**
 * Takes back everything in the kernel and at third-party plugins that an entry says was done or planned, in reverse, ours
 * and exec'd interleaved as on ADD. Needs neither API server, nor config, nor the pod's namespace, nor room on the disk.
 * The entry stays, `deleting`, with its addresses.
 * @throws AggregateError when a part could not be undone: who tries again goes on
 */
export async function undoEntry(entry: JournalEntry, deps: AttachDeps, signal: AbortSignal): Promise<void> {
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
  for (const index of [...entry.attachments.keys()].reverse()) {
    failures.push(...(await undoAttachment({ entry, index }, kernel, deps, signal)));
  }
  try {
    dropDeviceInfo(entry);
  } catch (error) {
    failures.push(error);
  }
  // What a delegate asked for through us and did not give back itself.
  await deleteChildren(entry, () => true, deps, signal, failures);
  if (failures.length > 0) {
    const what = failures.map(messageOf).join('; ');
    throw new AggregateError(failures, `Cannot undo everything of container "${entry.key.containerId}": ${what}`);
  }
}

/**
 * Undoes one attachment's segments in reverse, whatever fails.
 * @param isKept whether a shared item has users beside those of other entries
 * @returns the failures
 */
export async function undoAttachment(
  { entry, index }: { readonly entry: JournalEntry; readonly index: number },
  kernel: Kernel | undefined,
  deps: AttachDeps,
  signal: AbortSignal,
  isKept: (shared: string) => boolean = () => false,
): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  for (const segment of [...(entry.attachments[index]?.segments ?? [])].reverse()) {
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
