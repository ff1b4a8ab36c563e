import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CniRequest, type CniResult, emptyResult, toVersionedResult } from '#cni';
import { NETWORK_STATUS_ANNOTATION } from '#networks';
import { type AddRequest, netnsOf } from './add-request.ts';
import { allBinDirs, requirePrograms } from './delegate.ts';
import type { AttachDeps } from './deps.ts';
import { offerDeviceInfo, takeDeviceInfo } from './device-info.ts';
import { createDraft, type Draft } from './draft.ts';
import type { RequestOrigin } from './entry.ts';
import { AttachError } from './errors.ts';
import { openKernel } from './kernel.ts';
import { rollBack, type UndoList } from './roll-back.ts';
import { createChains } from './run-chains.ts';
import { networkStatusOf, writeNetworkStatus } from './status.ts';
import { takeAddresses } from './take-addresses.ts';

/**
 * Makes all attachments of a request, or none: addresses, plans, journal, kernel and status, commit.
 * See docs/design/pipeline.md.
 * @returns the default attachment's result
 * @throws the first failure, after everything that was done has been undone
 */
export async function addAttachments(request: AddRequest, deps: AttachDeps, signal: AbortSignal): Promise<CniResult> {
  const draft = createDraft(
    {
      format: 1,
      key: request.key,
      root: request.cni.config.name,
      netns: netnsOf(request),
      nonce: randomBytes(8).toString('hex'),
      state: 'adding',
      cniVersion: request.cni.config.cniVersion,
      attachments: request.plans.map(plan => ({
        network: plan.network.name,
        ifname: plan.ifname,
        leases: [],
        segments: [],
        ...(plan.nad === undefined ? {} : { nad: plan.nad }),
        ...(plan.network.disableCheck ? { disableCheck: true } : {}),
        ...(plan.selection === undefined ? {} : { selection: plan.selection }),
        ...(plan.isAuxiliary === true ? { isAuxiliary: true } : {}),
        ...(typeof plan.capabilityArgs['deviceID'] === 'string' ? { deviceId: plan.capabilityArgs['deviceID'] } : {}),
        ...(plan.devices.length === 0 ? {} : { devices: plan.devices }),
        ...(plan.deviceInfo === undefined ? {} : { deviceInfoFile: plan.deviceInfo.path }),
      })),
      ...(request.pod === undefined ? {} : { pod: request.pod }),
      ...(request.statusOf === undefined ? {} : { origin: originOf(request.cni) }),
      ...(request.parent === undefined ? {} : { parent: request.parent }),
      ...(request.binDir === undefined ? {} : { binDir: request.binDir }),
    },
    deps.journal,
  );
  const undo: UndoList = { fresh: [], status: undefined };
  try {
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
    await writeStatusWhile(() => chains.flush(), request, draft, undo, deps, signal);
    signal.throwIfAborted();
    draft.commit('added');
    return draft.entry.attachments[0]?.result ?? emptyResult;
  } catch (error) {
    await rollBack(draft, undo, request, deps, error);
    throw error;
  } finally {
    deps.hostLocal.settle(draft.entry.attachments.flatMap(attachment => attachment.leases));
  }
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

/** Host ports and the like are for the interface that the runtime asked for. */
function originOf({ config, args }: CniRequest): RequestOrigin {
  const { runtimeConfig: _own, prevResult: _former, ...rest } = config.plugin;
  const { IP: _ip, MAC: _mac, GATEWAY: _gateway, ...pairs } = args.pairs;
  return { config: rest, args: pairs };
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
