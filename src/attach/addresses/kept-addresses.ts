import { holdIpamClaim, type IpamClaimRequest, IpamError, recordAddresses } from '#ipam';
import { ApiError } from '#kube';
import type { AttachDeps } from '../deps.ts';
import { AttachError } from '../errors.ts';
import type { PodRef } from '../journal/entry.ts';
import { reportWarnings } from '../report.ts';
import type { AttachmentPlan } from '../resolve/attachment-plan.ts';
import { type ChainStep, ipamOf } from '../resolve/chain.ts';
import { giveBack, type Leased, type LeaseRequest, takeLeases } from './leases.ts';

/** Where plugins find the IPAMClaim's name: in `args.cni`, as the NPWG standard 1.3 has it. */
export const IPAM_CLAIM_ARG = 'ipam-claim-reference';

/**
 * Refuses a reference to an IPAMClaim that would do nothing, or promise what cannot be kept. A third-party plugin gets it in
 * `args.cni` and may know what to do with it.
 * @throws AttachError NETWORK_CONFIG
 */
export function refuseUselessClaim(
  { ipamClaim, asked }: Pick<AttachmentPlan, 'ipamClaim' | 'asked'>,
  chain: readonly ChainStep[],
  source: string,
): void {
  if (ipamClaim === undefined) return;
  const refuse = (why: string): never => {
    throw new AttachError(
      'NETWORK_CONFIG',
      `Cannot use ${source}: the pod's ipam-claim-reference is "${ipamClaim}", but ${why}`,
    );
  };
  if (asked.ips.length > 0) refuse(`it asks for ips ${asked.ips.join(', ')} too, expected one of both`);
  const ours = chain.flatMap(step => ipamOf(step) ?? []);
  const isForeign = chain.some(step => step.kind === 'exec' || (step.kind === 'planned' && step.ipam?.kind === 'exec'));
  if (ours.length === 0 && !isForeign) refuse('the network has no ipam, expected one');
  if (ours.length > 1) refuse(`the network has ${ours.length} ipams, expected one`);
  if (ours.some(({ dialect }) => dialect === 'host-local')) {
    refuse('its ipam is host-local, whose addresses end with their pod, expected one that knows the whole cluster');
  }
}

/**
 * Refuses two attachments that refer to one IPAMClaim, be it by two annotations: it keeps one interface's addresses.
 * @throws AttachError NETWORK_CONFIG
 */
export function refuseSharedClaims(plans: readonly Pick<AttachmentPlan, 'ipamClaim' | 'ifname'>[]): void {
  const users = new Map<string, string>();
  for (const { ipamClaim, ifname } of plans) {
    if (ipamClaim === undefined) continue;
    const other = users.get(ipamClaim);
    users.set(ipamClaim, ifname);
    if (other === undefined) continue;
    throw new AttachError(
      'NETWORK_CONFIG',
      `Cannot attach "${ifname}": ipam-claim-reference is "${ipamClaim}", expected one that "${other}" does not refer to`,
    );
  }
}

/**
 * Takes the addresses that an IPAMClaim keeps, or whichever are free, and writes those into it. They stay taken when the ADD
 * fails later: the IPAMClaim names them by then, or may.
 * @throws IpamError, ApiError, AttachError NO_API
 */
export async function takeKeptLeases(
  request: LeaseRequest,
  claim: { readonly name: string; readonly pod: PodRef | undefined; readonly networks: readonly string[] },
  deps: AttachDeps,
  signal: AbortSignal,
): Promise<Leased> {
  const { cluster, api, clock, hostLocal } = deps;
  if (cluster === undefined || api === undefined || claim.pod === undefined) {
    throw new AttachError(
      'NO_API',
      `Cannot use IPAMClaim "${claim.name}" for ${request.context.source}: there is ${api === undefined ? 'no API server (start the agent with --kubeconfig)' : 'no pod'}`,
    );
  }
  const wanted: IpamClaimRequest = { name: claim.name, networks: claim.networks, pod: claim.pod };
  const io = { client: api.client, clock };
  const held = await holdIpamClaim(wanted, io, signal);
  const meant = held.object.spec.interface;
  if (meant !== request.owner.interface) {
    const warning = `IPAMClaim "${claim.pod.namespace}/${claim.name}": spec.interface is "${meant}", which does nothing: the attachment is "${request.owner.interface}"`;
    deps.log.warn({ pod: `${claim.pod.namespace}/${claim.pod.name}` }, warning);
    reportWarnings(claim.pod, [warning], api);
  }
  const leased = await takeLeases(
    {
      ...request,
      context: { ...request.context, asked: { ips: held.ips } },
      owner: { ...request.owner, ipamClaim: held.reference },
      kept: held.object.status?.ips ?? [],
    },
    { cluster, hostLocal },
    signal,
  );
  try {
    await recordAddresses(wanted, held, addressesOf(leased), io, signal);
  } catch (error) {
    // Without an answer they may be written all the same. If they are not, the pod's next ADD has them, or its end gives them back.
    if (isUnwritten(error)) await giveBack(leased.fresh, cluster);
    throw error;
  }
  return { ...leased, fresh: [] };
}

/** Whether a write that failed was refused, by what we have read or by the API server: it is not carried out later either. */
function isUnwritten(error: unknown): boolean {
  return error instanceof IpamError || (error instanceof ApiError && !error.retriable);
}

/** Those that were claimed; else, for a configuration that names its addresses, those. */
function addressesOf({ leases, result }: Leased): readonly string[] {
  const claimed = leases.flatMap(lease => (lease.kind === 'claim' ? [lease.spec.address] : []));
  return claimed.length > 0 ? claimed : result.ips.map(({ address }) => address);
}
