import type { Pod } from '#api';
import type { Aside } from '#base';
import { type CniRequest, formatResult } from '#cni';
import { asksPod, takesClaims } from '#ipam';
import { PIPELINE_NAMES } from '#networks';
import type { BusyOwners } from '../addresses/busy-owners.ts';
import type { AttachDeps } from '../deps.ts';
import type { ParentCall } from '../nesting.ts';
import { podOf } from '../pod.ts';
import { reportAttached, reportFailed, reportWarnings } from '../report.ts';
import type { AttachmentPlan } from '../resolve/attachment-plan.ts';
import { ipamOf } from '../resolve/chain.ts';
import { type ResolvedNetworks, resolvePodNetworks } from '../resolve/resolve.ts';
import type { ResolveDeps } from '../resolve/resolve-deps.ts';
import { resolveSinglePlugin } from '../resolve/resolve-written.ts';
import { deleteEntry } from '../undo.ts';
import { keyOf, refOf } from '../verbs/request-keys.ts';
import { addAttachments } from './add.ts';

/** What an ADD needs to know besides its request. */
export interface AddContext {
  readonly deps: AttachDeps;
  readonly sources: ResolveDeps;
  readonly owners: BusyOwners;
  /** The call that it is nested in. */
  readonly parent: ParentCall | undefined;
  /** How it waits with its place given to other pods, where it has one. */
  readonly aside?: Aside;
}

/** ADD: the pod, its networks, then all of their attachments; what came of it goes into Events. @returns the result for stdout */
export async function runAdd(request: CniRequest, context: AddContext, signal: AbortSignal): Promise<string> {
  const { deps, sources, owners, parent, aside } = context;
  signal.throwIfAborted();
  const key = keyOf(request);
  let pod: Pod | undefined;
  let leave: (() => void) | undefined;
  try {
    const former = deps.journal.find(key);
    // A crash, or a runtime that asks twice: what stands there is not what this ADD is about to promise.
    if (former !== undefined) await deleteEntry(former, deps, signal);
    const isPipeline = PIPELINE_NAMES.has(request.plugin);
    const single = isPipeline ? [] : [resolveSinglePlugin(request, sources)];
    // A plugin by its own name looks at no pod, unless the pod owns addresses that it takes, or says which.
    const isWanted = parent === undefined ? isPipeline || needsCluster(single) : single.some(looksAtPod);
    if (isWanted) pod = await podOf(request, deps, signal);
    const ref = parent?.pod ?? refOf(pod, request);
    leave = owners.enter(ref?.uid ?? request.containerId);
    const { plans, warnings, binDir }: ResolvedNetworks = isPipeline
      ? await resolvePodNetworks(request, pod, sources, signal)
      : { plans: single, warnings: [] };
    if (ref !== undefined && deps.api !== undefined) reportWarnings(ref, warnings, deps.api);
    const result = await addAttachments(
      {
        cni: request,
        key,
        plans,
        ...(ref === undefined ? {} : { pod: ref }),
        ...(pod === undefined ? {} : { podObject: pod }),
        ...(isPipeline && pod !== undefined ? { statusOf: pod } : {}),
        ...(parent === undefined ? {} : { parent: parent.entryId }),
        ...(binDir === undefined ? {} : { binDir }),
        ...(aside === undefined ? {} : { aside }),
      },
      deps,
      signal,
    );
    const entry = deps.journal.find(key);
    if (isPipeline && ref !== undefined && entry !== undefined && deps.api !== undefined) {
      reportAttached(ref, entry.attachments, deps.api);
    }
    return formatResult(result, request.config.cniVersion);
  } catch (error) {
    const about = refOf(pod, request);
    if (about !== undefined && deps.api !== undefined) reportFailed(about, error, deps.api);
    throw error;
  } finally {
    leave?.();
  }
}

function looksAtPod({ chain }: AttachmentPlan): boolean {
  return chain.map(ipamOf).some(ipam => ipam !== undefined && asksPod(ipam));
}

function needsCluster(plans: readonly AttachmentPlan[]): boolean {
  return plans.some(
    ({ chain, ipamClaim }) =>
      ipamClaim !== undefined || chain.map(ipamOf).some(ipam => ipam !== undefined && takesClaims(ipam)),
  );
}
