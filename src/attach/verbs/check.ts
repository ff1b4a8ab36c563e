import { allowsCommand, isSupportedVersion } from '#cni';
import { compare } from '#wiring';
import { type ExecSegment, runDelegate } from '../delegate.ts';
import type { AttachDeps } from '../deps.ts';
import { AttachError } from '../errors.ts';
import { type AttachmentRecord, changesOf, type JournalEntry } from '../journal/entry.ts';
import { openKernel } from '../kernel.ts';

/**
 * CHECK: the journal's wiring against the kernel's facts, then the exec'd plugins' own CHECK, where their version has one.
 * A network with `disableCheck` is passed over: we are its runtime.
 * @throws AttachError CHECK_FAILED with one sentence a difference; a plugin's own error
 */
export async function checkEntry(entry: JournalEntry, deps: AttachDeps, signal: AbortSignal): Promise<void> {
  // Multus never checked it, and what its plugins say of it today nobody has reckoned with.
  if (entry.foreign !== undefined) return;
  const attachments = entry.attachments.filter(isChecked);
  const wiring = changesOf({ ...entry, attachments }).map(change => change.item);
  using kernel = openKernel(deps.host, entry.netns);
  const differences = compare(wiring, kernel.facts(wiring));
  if (differences.length > 0) {
    throw new AttachError(
      'CHECK_FAILED',
      `Attachment is not as it was made: ${differences.map(({ message }) => message).join('; ')}`,
      {
        details: { differences: differences.map(({ message }) => message) },
      },
    );
  }
  for (const [index, attachment] of entry.attachments.entries()) {
    if (!isChecked(attachment)) continue;
    for (const segment of attachment.segments) {
      if (segment.kind === 'exec' && hasCheck(segment))
        await runDelegate({ entry, index, segment }, 'CHECK', deps, signal);
    }
  }
}

/** Plugins behind all networks have no interface of their own, and those of the reference look for one. */
function isChecked({ disableCheck, isLeaving, isAuxiliary }: AttachmentRecord): boolean {
  return disableCheck !== true && isLeaving !== true && isAuxiliary !== true;
}

function hasCheck({ config }: ExecSegment): boolean {
  const version = String(config['cniVersion']);
  return isSupportedVersion(version) && allowsCommand(version, 'CHECK');
}
