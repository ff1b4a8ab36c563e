import { messageOf } from '#base';
import { dropForeignFiles } from './adopt/adopt.ts';
import { undoForeign } from './adopt/undo-foreign.ts';
import { runDelegate } from './delegate.ts';
import type { AttachDeps } from './deps.ts';
import { dropDeviceInfo } from './device-info.ts';
import { type EntryState, entryId, type JournalEntry, type Lease } from './entry.ts';
import { openKernel } from './kernel.ts';

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
  using kernel = hasWiring(entry) ? openKernel(deps.host, entry.netns) : undefined;
  for (const [index, attachment] of [...entry.attachments.entries()].reverse()) {
    for (const segment of [...attachment.segments].reverse()) {
      try {
        if (segment.kind === 'wiring') {
          await kernel?.undo(segment.changes, {
            isSharedInUse: key => deps.journal.holdings.isSharedInUse(key, entry.key),
            onRemark: remark => deps.log.warn({ entry: entryId(entry.key) }, remark),
          });
        } else if (entry.foreign !== undefined) {
          await undoForeign({ entry, index, segment }, deps, signal);
        } else {
          await runDelegate({ entry, index, segment }, 'DEL', deps, signal);
        }
      } catch (error) {
        failures.push(error);
      }
    }
  }
  try {
    dropDeviceInfo(entry);
  } catch (error) {
    failures.push(error);
  }
  // What a delegate asked for through us and did not give back itself.
  for (const child of deps.journal.list().filter(other => other.parent === entryId(entry.key))) {
    await deleteEntry(child, deps, signal).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) {
    const what = failures.map(messageOf).join('; ');
    throw new AggregateError(failures, `Cannot undo everything of container "${entry.key.containerId}": ${what}`);
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

function hasWiring(entry: JournalEntry): boolean {
  return entry.attachments.some(({ segments }) => segments.some(({ kind }) => kind === 'wiring'));
}
