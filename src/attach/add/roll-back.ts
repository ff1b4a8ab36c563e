import { codeOf, messageOf } from '#base';
import type { Claim } from '#ipam';
import { halfMet } from '../addresses/half-met.ts';
import { giveBack } from '../addresses/leases.ts';
import type { AttachDeps } from '../deps.ts';
import type { PodRef } from '../journal/entry.ts';
import { undoEntry } from '../undo.ts';
import type { AddRequest } from './add-request.ts';
import type { Draft } from './draft.ts';
import { writeNetworkStatus } from './status.ts';

/** What a failing ADD has to take back besides the journal's entry. */
export interface UndoList {
  fresh: readonly Claim[];
  /** The pod whose network-status was sent, and the text that stood there before. */
  status: { readonly pod: PodRef; readonly before: string | null } | undefined;
}

/** Takes back what a failed ADD has done. Never rejects: what cannot be undone now stays in the journal, and `onUnfinished` hears of it. */
export async function rollBack(
  draft: Draft,
  undo: UndoList,
  request: AddRequest,
  deps: AttachDeps,
  cause: unknown,
): Promise<void> {
  const log = deps.log.child({ containerId: request.cni.containerId, pod: podText(request.pod) });
  log.warn({ code: codeOf(cause), error: messageOf(cause) }, 'ADD failed; undoing it');
  try {
    await undoEntry(draft.entry, deps, AbortSignal.timeout(deps.deadlines.delMs));
    // Addresses only after the links that carried them are gone.
    if (deps.cluster !== undefined) {
      await giveBack(undo.fresh, deps.cluster);
      const known = new Set(undo.fresh.map(({ uid }) => uid));
      const rest = halfMet(draft.entry, deps.journal, cause).filter(({ uid }) => !known.has(uid));
      await giveBack(rest, deps.cluster);
    }
    deps.journal.remove(draft.entry.key);
  } catch (error) {
    deps.onUnfinished(draft.entry, error);
  }
  try {
    if (undo.status === undefined || deps.api === undefined) return;
    await writeNetworkStatus(deps.api.client, undo.status.pod, undo.status.before, AbortSignal.timeout(5_000));
  } catch (error) {
    log.error(
      { error: messageOf(error) },
      "Cannot take back the network-status of a failed ADD; the next ADD or the pod's end will",
    );
  }
}

function podText(pod: PodRef | undefined): string | undefined {
  return pod === undefined ? undefined : `${pod.namespace}/${pod.name}`;
}
