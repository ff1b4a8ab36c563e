import type { AddRequest } from '../add/add-request.ts';
import type { UndoList } from '../add/roll-back.ts';
import type { AttachDeps } from '../deps.ts';
import { type AddressConflict, describeConflict } from './address-conflict.ts';

/**
 * Keeps addresses from everybody for a while that others on the network have, and tells so in Events. Those that the pod
 * asked for, or that are kept for it, stay as they are: it can have no other, and is to get them as soon as they are free.
 * @returns whether another address can be taken in place of each
 * @throws ApiError
 */
export async function evadeConflict(
  { conflicts }: AddressConflict,
  { pod }: AddRequest,
  undo: UndoList,
  { cluster, api, log }: AttachDeps,
  signal: AbortSignal,
): Promise<boolean> {
  let canEvade = true;
  for (const conflict of conflicts) {
    const { claim, isFixed } = conflict.address;
    const message = describeConflict(conflict);
    if (isFixed || claim === undefined || cluster === undefined) {
      canEvade = false;
      continue;
    }
    await cluster.store.quarantine(claim, conflict.mac, signal);
    undo.fresh = undo.fresh.filter(({ uid }) => uid !== claim.uid);
    log.warn({ claim: claim.name, pod: pod?.name }, message);
    if (pod !== undefined) {
      api?.events.record(pod, 'Warning', 'AddressConflict', `${message}; nobody gets it for a while`);
    }
  }
  return canEvade;
}
