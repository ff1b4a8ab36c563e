import { messageOf } from '#base';
import type { CniResult } from '#cni';
import type { AttachDeps } from '../deps.ts';
import { AddressConflict } from '../neighbours/address-conflict.ts';
import { undoEntry } from '../undo.ts';
import type { AddRequest } from './add-request.ts';
import { createDraft, type Draft } from './draft.ts';
import { rollBack, type UndoList } from './roll-back.ts';
import { startEntry } from './start-entry.ts';

/** Makes what a request asks for. What is to be undone stands in draft and undo before it is done. */
export type Make = (
  request: AddRequest,
  draft: Draft,
  undo: UndoList,
  deps: AttachDeps,
  signal: AbortSignal,
) => Promise<CniResult>;

/**
 * Has a request's attachments made, again with other addresses where somebody else on the network has them.
 * @throws the failure, after everything that was done has been undone
 */
export async function allOrNothing(
  make: Make,
  request: AddRequest,
  deps: AttachDeps,
  signal: AbortSignal,
): Promise<CniResult> {
  const start = startEntry(request);
  const undo: UndoList = { fresh: [], status: undefined };
  for (let evasions = 0; ; evasions++) {
    const draft = createDraft(start, deps.journal);
    try {
      return await make(request, draft, undo, deps, signal);
    } catch (error) {
      if (!(error instanceof AddressConflict) || !(await evade(error, evasions, request, draft, undo, deps, signal))) {
        await rollBack(draft, undo, request, deps, error);
        throw error;
      }
    } finally {
      deps.hostLocal.settle(draft.entry.attachments.flatMap(attachment => attachment.leases));
    }
  }
}

/** As many addresses are given up as others have them before it is said that something is wrong with the pool. */
const MOST_EVASIONS = 4;

/** Whether an ADD that met a conflict can begin anew, with nothing of it left. */
async function evade(
  conflict: AddressConflict,
  evasions: number,
  request: AddRequest,
  draft: Draft,
  undo: UndoList,
  deps: AttachDeps,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { evadeConflict } = await import('../neighbours/evade-conflict.ts');
    if (!(await evadeConflict(conflict, request, undo, deps, signal)) || evasions === MOST_EVASIONS) return false;
    await undoEntry(draft.entry, deps, AbortSignal.timeout(deps.deadlines.delMs));
    deps.journal.remove(draft.entry.key);
    return true;
  } catch (error) {
    deps.log.warn({ error: messageOf(error) }, 'Cannot take other addresses in place of conflicting ones');
    return false;
  }
}
