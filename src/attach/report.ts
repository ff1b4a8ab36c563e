import { codeOf, messageOf } from '#base';
import type { ApiAccess } from './deps.ts';
import type { AttachErrorCode } from './errors.ts';
import type { AttachmentRecord, PodRef } from './journal/entry.ts';

/** Tells a pod's owner by Events which interfaces it got, in the words that Multus has for it. Written behind the caller's back. */
export function reportAttached(pod: PodRef, records: readonly AttachmentRecord[], api: ApiAccess): void {
  for (const { ifname, nad, network, result, isAuxiliary } of records) {
    if (isAuxiliary === true) continue;
    const addresses = (result?.ips ?? []).map(({ address }) => address).join(' ');
    api.events.record(pod, 'Normal', 'AddedInterface', `Add ${ifname} [${addresses}] from ${nad ?? network}`);
  }
}

/** Tells it which one went while the pod goes on. */
export function reportDetached(pod: PodRef, ifname: string, api: ApiAccess): void {
  api.events.record(pod, 'Normal', 'RemovedInterface', `Remove ${ifname}`);
}

/** Tells it why what it asks for by now is not there; it is tried again. */
export function reportChangeFailed(pod: PodRef, message: string, api: ApiAccess): void {
  api.events.record(pod, 'Warning', 'FailedHotPlug', message);
}

/** What of the failures is the network's doing, whose people look for a reason of its own. */
const NEIGHBOURS_FAULT: ReadonlyMap<string, string> = new Map<AttachErrorCode, string>([
  ['ADDRESS_CONFLICT', 'AddressConflict'],
  ['GATEWAY_UNREACHABLE', 'GatewayUnreachable'],
]);

/** Tells it why it has none: the same sentence that the runtime gets. */
export function reportFailed(pod: PodRef, error: unknown, api: ApiAccess): void {
  const message = messageOf(error);
  api.events.record(pod, 'Warning', 'FailedAttach', message);
  const reason = NEIGHBOURS_FAULT.get(codeOf(error));
  if (reason !== undefined) api.events.record(pod, 'Warning', reason, message);
}

/** Tells it what in its annotations means nothing, though the pod starts without. */
export function reportWarnings(pod: PodRef, warnings: readonly string[], api: ApiAccess): void {
  for (const warning of warnings) api.events.record(pod, 'Warning', 'NetworkAnnotation', warning);
}
