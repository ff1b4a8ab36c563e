import { messageOf } from '#base';
import { deleteOurLinks } from './delete-our-links.ts';
import { WiringError } from './errors.ts';
import type { Handles } from './handles.ts';
import type { Remark } from './return-device.ts';
import { formatChange } from './trace.ts';
import { undoCreate } from './undo-create.ts';
import { undoReplace } from './undo-replace.ts';
import type { Change, LinkItem, Place, VethPeer, WiringItem } from './wiring.ts';

export interface UndoOptions {
  /**
   * Whether an attachment other than the one being undone uses this key. Asked right before each shared item;
   * shared items are left alone while it says true. Without it nothing is in use by others.
   */
  readonly isSharedInUse?: (key: string) => boolean;
  /** Is told, for an operator, what is back but not exactly as it was. Without it nobody is. */
  readonly onRemark?: (text: string) => void;
}

/**
 * Takes planned changes back, in reverse order, without knowing how far the apply came: what was created is deleted if
 * it is there and ours, what was replaced is restored unless somebody has changed it since. What is gone already, the
 * pod's namespace included, is fine; so undoing twice is, too.
 *
 * Goes on after a failure. On an error everything that could be undone is undone, and the same call may be repeated.
 *
 * @throws AggregateError of WiringErrors UNDO_FAILED, one for each change that could not be taken back
 */
export async function undoChanges(
  changes: readonly Change[],
  handles: Handles,
  options: UndoOptions = {},
): Promise<void> {
  const errors: WiringError[] = [];
  const dying = namesOfDyingLinks(changes);
  let doomed: LinkChange[] = [];
  const deleteDoomed = async (): Promise<void> => {
    const links = doomed;
    doomed = [];
    const undone = deleteOurLinks(
      links.map(({ item }) => item),
      handles,
    );
    await undone.catch((error: unknown) => void errors.push(...links.map(change => toUndoError(change, error))));
  };
  for (const change of changes.toReversed()) {
    const { item } = change;
    if (change.op === 'keep' || isSwitchOfNode(item) || diesWithItsLink(change, dying)) continue;
    if (isDeletion(change)) {
      doomed.push(change);
      continue;
    }
    if (mindsLinks(change)) await deleteDoomed();
    if (item.shared !== undefined && options.isSharedInUse?.(item.shared) === true) continue;
    await undoChange(change, handles, options.onRemark ?? (() => {})).catch(
      (error: unknown) => void errors.push(toUndoError(change, error)),
    );
  }
  await deleteDoomed();
  if (errors.length === 0) return;
  throw new AggregateError(errors, `Cannot undo ${errors.length} of ${changes.length} changes: ${errors[0]?.message}`);
}

type LinkChange = Change & { readonly op: 'create'; readonly item: LinkItem };

/** A link takes the kernel some 20 ms, most of it waiting, and several together no longer: they are put off until something minds. */
function isDeletion(change: Change): change is LinkChange {
  return change.op === 'create' && change.item.kind === 'link' && change.item.shared === undefined;
}

/** Whether undoing it may fail or do harm while links are there that were made after it. */
function mindsLinks({ op, item }: Change): boolean {
  return op !== 'create' || item.kind === 'link' || item.shared !== undefined;
}

/**
 * A sysctl of the whole node (`ip_forward`, `conf/all/...`) that attachments share: whether others rely on it by now nobody
 * can tell, so it stays as we set it. One of a single device is put back.
 */
function isSwitchOfNode(item: WiringItem): boolean {
  if (item.kind !== 'sysctl' || item.place !== 'host' || item.shared === undefined) return false;
  const [, , kind, dev] = item.path.split('/');
  return (kind !== 'conf' && kind !== 'neigh') || dev === 'all' || dev === 'default';
}

async function undoChange(
  change: Exclude<Change, { readonly op: 'keep' }>,
  handles: Handles,
  remark: Remark,
): Promise<void> {
  if (change.op === 'replace') await undoReplace(change.item, change.previous, handles, remark);
  else await undoCreate(change.item, handles);
}

/** Links that this undo deletes for certain. A shared one may turn out to be in use. */
function namesOfDyingLinks(changes: readonly Change[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { op, item } of changes) {
    if (op !== 'create' || item.kind !== 'link' || item.shared !== undefined) continue;
    names.add(linkKey(item.place, item.name));
    if (item.link.type === 'veth') names.add(peerKey(item.link.peer));
  }
  return names;
}

/** The kernel drops addresses, routes, neighbours and new sysctls with their link: no need to ask for each. */
function diesWithItsLink({ op, item }: Change, dying: ReadonlySet<string>): boolean {
  if (item.kind === 'absent') return dying.has(linkKey(item.place, item.what.dev));
  if (op !== 'create') return false;
  if (item.kind === 'sysctl') return true;
  const isOnLink = item.kind === 'address' || item.kind === 'route' || item.kind === 'neighbour';
  return isOnLink && dying.has(linkKey(item.place, item.dev));
}

function peerKey(peer: VethPeer): string {
  return linkKey(peer.place, peer.name);
}

function linkKey(place: Place, name: string): string {
  return `${place}/${name}`;
}

function toUndoError(change: Change, error: unknown): WiringError {
  const step = formatChange(change);
  return new WiringError('UNDO_FAILED', `Cannot undo "${step}": ${messageOf(error)}`, {
    cause: error,
    details: { place: change.item.place, kind: change.item.kind, step },
    retriable: true,
  });
}
