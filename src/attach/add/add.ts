import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CniResult, emptyResult, toVersionedResult } from '#cni';
import { NETWORK_STATUS_ANNOTATION } from '#networks';
import { takeAddresses } from '../addresses/take-addresses.ts';
import { allBinDirs, requirePrograms } from '../delegate.ts';
import type { AttachDeps } from '../deps.ts';
import { AttachError } from '../errors.ts';
import { openKernel } from '../kernel.ts';
import { type AddRequest, netnsOf } from './add-request.ts';
import { allOrNothing } from './all-or-nothing.ts';
import { offerDeviceInfo, takeDeviceInfo } from './device-info.ts';
import type { Draft } from './draft.ts';
import type { UndoList } from './roll-back.ts';
import { createChains } from './run-chains.ts';
import { networkStatusOf, writeNetworkStatus } from './status.ts';

/**
 * Makes all attachments of a request, or none: addresses, plans, journal, kernel and status, commit.
 * See docs/design/pipeline.md.
 * @returns the default attachment's result
 * @throws the first failure, after everything that was done has been undone
 */
export function addAttachments(request: AddRequest, deps: AttachDeps, signal: AbortSignal): Promise<CniResult> {
  return allOrNothing(makeAttachments, request, deps, signal);
}

async function makeAttachments(
  request: AddRequest,
  draft: Draft,
  undo: UndoList,
  deps: AttachDeps,
  signal: AbortSignal,
): Promise<CniResult> {
  await requirePrograms(request.plans, allBinDirs(deps, request), deps.launcher?.root);
  const leased = await takeAddresses(request, draft, undo, deps, signal);
  await deps.host.loop.take(request.cni);
  using kernel = openKernel(deps.host, netnsOf(request));
  if (!kernel.hasPod && needsNamespace(request)) throw noNamespace(request);
  offerDeviceInfo(request, draft, deps);
  const chains = createChains(request, draft, leased, kernel, deps);
  await chains.run(signal);
  takeDeviceInfo(request, draft, deps);
  // Before the kernel: what the runtime's version of the protocol cannot tell is not made.
  toVersionedResult(draft.entry.attachments[0]?.result ?? emptyResult, request.cni.config.cniVersion);
  await writeStatusWhile(() => chains.flush(signal), request, draft, undo, deps, signal);
  signal.throwIfAborted();
  draft.commit('added');
  deps.announcer.announce(draft.entry);
  return draft.entry.attachments[0]?.result ?? emptyResult;
}

/**
 * Sends the network-status while the kernel works. The results are known once everything is planned, so the patch's
 * journey to the API server costs the ADD nothing.
 */
async function writeStatusWhile(
  flush: () => Promise<void>,
  request: AddRequest,
  draft: Draft,
  undo: UndoList,
  deps: AttachDeps,
  signal: AbortSignal,
): Promise<void> {
  const { statusOf, pod } = request;
  if (statusOf === undefined || pod === undefined || deps.api === undefined) return flush();
  const patch = writeNetworkStatus(deps.api.client, pod, networkStatusOf(draft.entry.attachments), signal);
  undo.status = { pod, before: statusOf.metadata.annotations?.[NETWORK_STATUS_ANNOTATION] ?? null };
  // A rejection is looked at below; until then it must not count as unhandled.
  patch.catch(() => undefined);
  await nextTurn();
  // Both come to their end before an undo may begin.
  const outcomes = await Promise.allSettled([flush(), patch]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** An IPAM plugin called by its own name gives addresses and touches nothing. */
function needsNamespace(request: AddRequest): boolean {
  return request.plans.some(plan => plan.chain.some(step => step.kind !== 'addresses'));
}

function noNamespace(request: AddRequest): AttachError {
  return new AttachError(
    'NETNS_MISSING',
    `Cannot attach container "${request.cni.containerId}": CNI_NETNS is "${request.cni.netns}", expected a network namespace other than the node's own`,
  );
}
