import { messageOf } from '#base';
import { dropDeviceInfo } from '../add/device-info.ts';
import type { AttachDeps } from '../deps.ts';
import {
  type AttachmentRecord,
  changesOf,
  entryId,
  isPlugged,
  type JournalEntry,
  type Lease,
} from '../journal/entry.ts';
import { openKernel } from '../kernel.ts';
import { deleteEntry, hasWiring, undoAttachments, undoEntry } from '../undo.ts';

/**
 * Takes an interface that came with the pod from it while the pod goes on. The journal says so before and after: half a
 * detachment is finished by whoever comes next.
 * @returns the pod's entry without it
 * @throws AggregateError when a part could not be undone
 */
export async function detachRecord(
  main: JournalEntry,
  ifname: string,
  deps: AttachDeps,
  signal: AbortSignal,
): Promise<JournalEntry> {
  const index = main.attachments.findIndex(record => record.ifname === ifname);
  const record = main.attachments[index];
  if (record === undefined) return main;
  const leaving = main.attachments.map(other => (other === record ? { ...record, isLeaving: true as const } : other));
  const entry: JournalEntry = { ...main, attachments: leaving, isStatusDue: true };
  deps.journal.put(entry);
  const others = main.attachments.filter(other => other !== record);
  const stillUsed = new Set(changesOf({ ...main, attachments: others }).map(({ item }) => item.shared));
  using kernel = hasWiring([record]) ? openKernel(deps.host, main.netns) : undefined;
  const failures = [...(await undoAttachments(entry, [index], kernel, deps, signal, key => stillUsed.has(key)))];
  const nested = (child: JournalEntry): boolean =>
    child.parent === entryId(main.key) && !isPlugged(child) && child.key.ifname === ifname;
  for (const child of deps.journal.list().filter(nested)) {
    await deleteEntry(child, deps, signal).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) {
    const what = failures.map(messageOf).join('; ');
    throw new AggregateError(failures, `Cannot detach interface "${ifname}": ${what}`);
  }
  dropDeviceInfo({ ...main, attachments: [record] });
  await freeClaims(main, record.leases, deps);
  const after: JournalEntry = { ...entry, attachments: others.map(other => inheriting(other, record)) };
  deps.journal.put(after);
  return after;
}

/** The same for one that came later. @throws AggregateError; who tries again hears of it */
export async function detachPlugged(child: JournalEntry, deps: AttachDeps, signal: AbortSignal): Promise<void> {
  try {
    await undoEntry(child, deps, signal);
    await freeClaims(
      child,
      child.attachments.flatMap(({ leases }) => leases),
      deps,
    );
    deps.journal.remove(child.key);
  } catch (error) {
    deps.onUnfinished(child, error);
    throw error;
  }
}

/**
 * Gives addresses back at once, as nobody else's ADD would wait for the pod's end. Those that outlive pods, and those that
 * the API server does not take now, are the releaser's.
 */
async function freeClaims({ key }: JournalEntry, leases: readonly Lease[], deps: AttachDeps): Promise<void> {
  const { cluster, journal } = deps;
  if (cluster === undefined) return;
  for (const lease of leases) {
    if (lease.kind !== 'claim') continue;
    // Another sandbox of the pod may be bound to it, too.
    const isKept =
      lease.spec.policy === 'Sticky' || journal.list().some(other => isHeldBy(other, key.containerId, lease.ref.name));
    const isFree =
      !isKept &&
      (await cluster.store.release(lease.ref).then(
        () => true,
        () => false,
      ));
    if (!isFree) await cluster.releaser.enqueue([lease.ref]);
  }
}

function isHeldBy({ key, attachments }: JournalEntry, except: string, claim: string): boolean {
  if (key.containerId === except) return false;
  return attachments.some(({ leases }) => leases.some(lease => lease.kind === 'claim' && lease.ref.name === claim));
}

/** Of what two attachments share, the one that stays remembers how it was made: the last one has to remove it. */
function inheriting(record: AttachmentRecord, leaving: AttachmentRecord): AttachmentRecord {
  const made = leaving.segments.flatMap(segment => (segment.kind === 'wiring' ? segment.changes : []));
  const shared = new Map(
    made.flatMap(change =>
      change.op === 'keep' || change.item.shared === undefined ? [] : [[change.item.shared, change]],
    ),
  );
  if (shared.size === 0) return record;
  return {
    ...record,
    segments: record.segments.map(segment =>
      segment.kind === 'wiring'
        ? {
            ...segment,
            changes: segment.changes.map(change =>
              change.op === 'keep' ? (shared.get(change.item.shared ?? '') ?? change) : change,
            ),
          }
        : segment,
    ),
  };
}
