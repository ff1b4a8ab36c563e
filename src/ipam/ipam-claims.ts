import { IPAM_CLAIMS, type IPAMClaim, type IPAMClaimReference, type IPAMClaimStatus, PODS, stateOf } from '#api';
import { type Clock, codeOf } from '#base';
import type { KubeClient } from '#kube';
import { orAbsent, withRetries } from './api-retry.ts';
import { IpamError } from './errors.ts';

/** What a pod's attachment refers to. */
export interface IpamClaimRequest {
  /** The IPAMClaim; it is of the pod's namespace. */
  readonly name: string;
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
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
 * Makes an IPAMClaim the pod's own, by writing the pod into its status: whoever is second finds the other there. A pod that
 * has ended, or is about to, makes way; one of the same name that came later has to write itself down like any other.
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
    if (isHeldBy(claim, pod)) return held(claim);
    requireFree(request, claim);
    await requireUnused(request, claim, deps, signal);
    try {
      const status = {
        ips: claim.status?.ips ?? [],
        ownerPod: pod.name,
        conditions: withHolder(claim, pod.uid, deps.clock.now()),
      };
      return held(await writeStatus(claim, status, deps, signal));
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
    if (!isHeldBy(claim, request.pod)) throw inUse(request, String(claim.status?.ownerPod));
    if (claim.status?.ips?.join() === ips.join()) return;
    try {
      await writeStatus(claim, { ips, ownerPod: request.pod.name }, deps, signal);
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
  claim: IPAMClaim,
  { client, clock }: Deps,
  signal: AbortSignal,
): Promise<void> {
  const ownerPod = claim.status?.ownerPod ?? '';
  // Of one name there is only one pod at a time.
  if (ownerPod === '' || ownerPod === request.pod.name) return;
  const pod = { namespace: request.pod.namespace, name: ownerPod };
  const former = await withRetries(() => orAbsent(client.get(PODS, pod, { signal })), clock, signal);
  const uid = holderOf(claim) ?? former?.metadata.uid;
  if (former?.metadata.uid === uid && former !== undefined && stateOf(former) === 'live') {
    throw inUse(request, ownerPod);
  }
}

/** The condition that says which pod `status.ownerPod` is: its name may come back. */
const HELD = 'underlane.io/Held';

function isHeldBy(claim: IPAMClaim, pod: IpamClaimRequest['pod']): boolean {
  return claim.status?.ownerPod === pod.name && holderOf(claim) === pod.uid;
}

/** The holder's uid; undefined where somebody else has written the status. */
function holderOf({ status }: IPAMClaim): string | undefined {
  return status?.conditions?.find(({ type }) => type === HELD)?.message;
}

function withHolder({ status }: IPAMClaim, uid: string, now: number): NonNullable<IPAMClaimStatus['conditions']> {
  const others = status?.conditions?.filter(({ type }) => type !== HELD) ?? [];
  const lastTransitionTime = `${new Date(now).toISOString().slice(0, 19)}Z`;
  return [...others, { type: HELD, status: 'True', reason: 'PodByUid', message: uid, lastTransitionTime }];
}

/** With the version that was read as precondition: of two at once, one gets a Conflict. */
function writeStatus(
  { metadata }: IPAMClaim,
  status: IPAMClaimStatus,
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
