import { IPAM_CLAIMS, type IPAMClaim, type IPAMClaimReference, PODS, stateOf } from '#api';
import { type Clock, codeOf } from '#base';
import type { KubeClient } from '#kube';
import { orAbsent, withRetries } from './api-retry.ts';
import { IpamError } from './errors.ts';

/** What a pod's attachment refers to. */
export interface IpamClaimRequest {
  /** The IPAMClaim; it is of the pod's namespace. */
  readonly name: string;
  readonly pod: { readonly namespace: string; readonly name: string };
  /** What the attachment's network is called. */
  readonly networks: readonly string[];
}

/** An IPAMClaim that is its pod's alone until the pod ends. */
export interface HeldIpamClaim {
  readonly reference: IPAMClaimReference;
  /** Addresses to take: those of former pods, else those that it asks for; none: whichever are free. */
  readonly ips: readonly string[];
  readonly object: IPAMClaim;
}

interface Deps {
  readonly client: KubeClient;
  readonly clock: Clock;
}

/** A write that somebody else's came before is worth this many more looks. */
const ATTEMPTS = 5;

/**
 * Makes an IPAMClaim the pod's own, by writing the pod's name into its status: whoever is second finds the other's name.
 * A pod that has ended, or is about to, makes way.
 * @throws IpamError IPAM_CLAIM_UNUSABLE, IPAM_CLAIM_IN_USE; ApiError
 */
export async function holdIpamClaim(
  request: IpamClaimRequest,
  deps: Deps,
  signal: AbortSignal,
): Promise<HeldIpamClaim> {
  const { pod } = request;
  for (let attempt = 1; ; attempt++) {
    const claim = await find(request, deps, signal);
    if (claim.status?.ownerPod === pod.name) return held(claim);
    requireFree(request, claim);
    await requireUnused(request, claim, deps, signal);
    try {
      return held(await writeStatus(claim, { ips: claim.status?.ips ?? [], ownerPod: pod.name }, deps, signal));
    } catch (error) {
      if (codeOf(error) !== 'Conflict' || attempt === ATTEMPTS) throw error;
    }
  }
}

/**
 * Writes the addresses into an IPAMClaim that the pod holds, for the next one.
 * @throws IpamError IPAM_CLAIM_IN_USE when somebody took the IPAMClaim away; ApiError
 */
export async function recordAddresses(
  request: IpamClaimRequest,
  { object }: HeldIpamClaim,
  ips: readonly string[],
  deps: Deps,
  signal: AbortSignal,
): Promise<void> {
  let claim = object;
  for (let attempt = 1; ; attempt++) {
    const ownerPod = claim.status?.ownerPod;
    if (ownerPod !== request.pod.name) throw inUse(request, String(ownerPod));
    if (claim.status?.ips?.join() === ips.join()) return;
    try {
      await writeStatus(claim, { ips, ownerPod }, deps, signal);
      return;
    } catch (error) {
      if (codeOf(error) !== 'Conflict' || attempt === ATTEMPTS) throw error;
      claim = await find(request, deps, signal);
    }
  }
}

async function find(request: IpamClaimRequest, { client, clock }: Deps, signal: AbortSignal): Promise<IPAMClaim> {
  const { name, pod, networks } = request;
  const get = (): Promise<IPAMClaim> => client.get(IPAM_CLAIMS, { namespace: pod.namespace, name }, { signal });
  const claim = await withRetries(() => orAbsent(get()), clock, signal);
  if (claim === undefined) throw unusable(request, 'there is none of that name', 'one that was made before the pod');
  const { network } = claim.spec;
  if (networks.includes(network)) return claim;
  throw unusable(request, `spec.network is "${network}"`, networks.map(known => `"${known}"`).join(' or '));
}

/** Its end must not be held up by one more pod. */
function requireFree(request: IpamClaimRequest, claim: IPAMClaim): void {
  if (claim.metadata.deletionTimestamp === undefined) return;
  throw unusable(request, 'it is being deleted', 'one that stays');
}

async function requireUnused(
  request: IpamClaimRequest,
  { status }: IPAMClaim,
  { client, clock }: Deps,
  signal: AbortSignal,
): Promise<void> {
  const ownerPod = status?.ownerPod;
  if (ownerPod === undefined || ownerPod === '') return;
  const pod = { namespace: request.pod.namespace, name: ownerPod };
  const former = await withRetries(() => orAbsent(client.get(PODS, pod, { signal })), clock, signal);
  if (former !== undefined && stateOf(former) === 'live') throw inUse(request, ownerPod);
}

/** With the version that was read as precondition: of two at once, one gets a Conflict. */
function writeStatus(
  { metadata }: IPAMClaim,
  status: { readonly ips: readonly string[]; readonly ownerPod: string },
  { client }: Deps,
  signal: AbortSignal,
): Promise<IPAMClaim> {
  const { namespace, name, uid, resourceVersion } = metadata;
  return client.mergePatch(
    IPAM_CLAIMS,
    { name, ...(namespace === undefined ? {} : { namespace }) },
    { metadata: { uid, resourceVersion }, status },
    { signal, subresource: 'status' },
  );
}

function held(object: IPAMClaim): HeldIpamClaim {
  const { metadata, spec, status } = object;
  const kept = status?.ips ?? [];
  return {
    reference: { name: metadata.name, uid: metadata.uid ?? '' },
    ips: kept.length > 0 ? kept : (spec.ipRequests ?? []),
    object,
  };
}

function unusable({ name, pod }: IpamClaimRequest, found: string, expected: string): IpamError {
  return new IpamError(
    'IPAM_CLAIM_UNUSABLE',
    `Cannot use IPAMClaim "${pod.namespace}/${name}" for pod "${pod.namespace}/${pod.name}": ${found}, expected ${expected}`,
    { retriable: true },
  );
}

function inUse({ name, pod }: IpamClaimRequest, owner: string): IpamError {
  return new IpamError(
    'IPAM_CLAIM_IN_USE',
    `Cannot use IPAMClaim "${pod.namespace}/${name}" for pod "${pod.namespace}/${pod.name}": pod "${pod.namespace}/${owner}" has its addresses`,
    { retriable: true },
  );
}
