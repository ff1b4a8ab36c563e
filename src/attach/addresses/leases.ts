import type { ClaimOwner } from '#api';
import {
  type AskedAddresses,
  askedOf,
  type Claim,
  type ClaimRef,
  type ClaimStore,
  chooseHostLocal,
  type HostLocalIpam,
  type IpamConfig,
  IpamError,
  isShare,
  type PoolCatalog,
  type Releaser,
  resolveWishes,
  takesClaims,
  takeWishes,
  type WishContext,
  type Wishes,
} from '#ipam';
import type { IpamResult } from '#plugins';
import { AttachError } from '../errors.ts';
import type { Lease } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';
import { foreignAddresses, HOST_LOCAL_DIR } from './host-local-store.ts';

/** The cluster-wide half of address management; absent where no API server is configured. */
export interface ClusterIpam {
  readonly store: ClaimStore;
  readonly releaser: Releaser;
  readonly catalog: PoolCatalog;
}

export interface LeaseRequest {
  readonly ipam: IpamConfig;
  readonly owner: Omit<ClaimOwner, 'slot'>;
  readonly context: Omit<WishContext, 'catalog' | 'signal'>;
  /** With prefix length: what stays the owner's, once it is taken, also where the others are not to be had. */
  readonly kept?: readonly string[];
}

/** An address, and what becomes of it where somebody else on the network has it. */
export interface LeasedAddress {
  /** With prefix length. */
  readonly address: string;
  readonly gateway?: string;
  readonly claim?: Claim;
  /** The pod can have no other in its place. */
  readonly isFixed: boolean;
}

/** Addresses taken for one plugin: what goes into its plan, and what the journal must remember. */
export interface Leased {
  readonly result: IpamResult;
  /** Those of the result, in order. */
  readonly addresses: readonly LeasedAddress[];
  readonly leases: readonly Lease[];
  /** Claims that did not exist before this call, and are not kept: given back when the ADD fails. */
  readonly fresh: readonly Claim[];
  /** The default routes of the result are the pod's, whichever other attachment has some. */
  readonly takesDefaultRoute?: boolean;
}

/** What addresses are taken from. */
interface LeaseDeps {
  readonly cluster: ClusterIpam | undefined;
  readonly hostLocal: HostLocalLeases;
}

/** Takes what was found out before. @throws IpamError, ApiError */
export type Take = () => Promise<Leased>;

/** Takes the addresses that one IPAM config asks for. @throws IpamError, ApiError, AttachError NO_API */
export async function takeLeases(request: LeaseRequest, deps: LeaseDeps, signal: AbortSignal): Promise<Leased> {
  const take = await findLeases(request, deps, signal);
  return take();
}

/** Finds out where the addresses are to come from; none is taken yet. @throws IpamError, ApiError, AttachError NO_API */
export async function findLeases(request: LeaseRequest, deps: LeaseDeps, signal: AbortSignal): Promise<Take> {
  const { ipam, context } = request;
  const { source, asked } = context;
  if (ipam.dialect === 'host-local') return async () => deps.hostLocal.take({ ipam, asked, source });
  const { cluster } = deps;
  if (takesClaims(ipam) && cluster === undefined) {
    throw new AttachError(
      'NO_API',
      `Cannot take an address for ${source}: ipam type "${ipam.dialect}" is cluster-wide, but the agent has no API server (start it with --kubeconfig)`,
    );
  }
  const wishes = await resolveWishes(ipam, { ...context, catalog: cluster?.catalog, signal });
  return () => takeWished(wishes, request, cluster, signal);
}

async function takeWished(
  wishes: Wishes,
  { owner, context, kept = [] }: LeaseRequest,
  cluster: ClusterIpam | undefined,
  signal: AbortSignal,
): Promise<Leased> {
  const { fixed, routes, dns } = wishes;
  const named = fixed.map(ip => ({ ...ip, isFixed: true }));
  if (cluster === undefined) {
    return { result: { ips: fixed, routes, dns }, addresses: named, leases: [], fresh: [] };
  }
  const mayGo = ({ address }: Claim): boolean => !kept.includes(address);
  const { claims, fresh } = await takeWishes(
    wishes,
    { owner, node: context.node },
    { store: cluster.store, giveBack: vain => giveBack(vain.filter(mayGo), cluster) },
    signal,
  );
  const ips = claims.map(({ address, gateway }) => ({ address, ...(gateway === undefined ? {} : { gateway }) }));
  const isKept = wishes.workload !== undefined || owner.ipamClaim !== undefined;
  const [only] = wishes.alternatives.length === 1 ? wishes.alternatives : [];
  return {
    addresses: [
      ...claims.map((claim, slot) => ({
        ...(ips[slot] ?? { address: claim.address }),
        claim,
        isFixed: isKept || only?.[slot]?.address !== undefined,
      })),
      ...named,
    ],
    result: {
      ips: [...ips, ...fixed],
      routes: [...claims.flatMap(({ pool }) => pool.routes ?? []), ...routes],
      dns,
      ...(claims.some(({ object }) => isShare(object.spec)) ? { isShared: true } : {}),
    },
    leases: claims.map(({ name, uid, object }) => ({ kind: 'claim', ref: { name, uid }, spec: object.spec })),
    fresh: fresh.filter(mayGo),
    ...(wishes.takesDefaultRoute === true ? { takesDefaultRoute: true } : {}),
  };
}

/** Deletes claims that nobody came to use; one that cannot be deleted now is queued for when its pod is gone. */
export async function giveBack(claims: readonly ClaimRef[], cluster: ClusterIpam): Promise<void> {
  const outcomes = await Promise.allSettled(claims.map(claim => cluster.store.release(claim)));
  const left = claims.filter((_, index) => outcomes[index]?.status === 'rejected');
  if (left.length > 0) await cluster.releaser.enqueue(left);
}

/** Node-local addresses. They live in the journal's entries alone: a lease without an entry cannot exist, so none can leak. */
export interface HostLocalLeases {
  /** Holds the addresses until `settle`: between choosing and the journal's entry nobody else may choose them. */
  take(request: {
    readonly ipam: HostLocalIpam;
    readonly asked: AskedAddresses;
    /** For errors: `network "lan"`. */
    readonly source: string;
  }): Leased;
  /** The journal knows them now, or the ADD failed. */
  settle(leases: readonly Lease[]): void;
}

type HostLocalLease = Extract<Lease, { readonly kind: 'host-local' }>;

/**
 * host-local over the journal: taken is what its entries hold, what is being taken right now, and what the reference plugin
 * of that name holds on this node.
 * @param storeDir where that one keeps its addresses
 */
export function createHostLocalLeases(journal: Journal, storeDir = HOST_LOCAL_DIR): HostLocalLeases {
  const pending = new Set<HostLocalLease>();
  /** Round robin goes on after the last address given, per network and range set; lost at a restart, which is harmless. */
  const last = new Map<string, Readonly<Record<number, string>>>();

  function isTaken(network: string, address: string): boolean {
    if (journal.holdings.isLeased(network, address)) return true;
    return [...pending].some(lease => lease.network === network && withoutLength(lease.address) === address);
  }

  return {
    take({ ipam, asked, source }) {
      const requested = askedOf(asked);
      const network = ipam.networkName;
      const foreign = foreignAddresses(ipam.dataDir ?? storeDir, network);
      const chosen = forNetwork(source, () =>
        chooseHostLocal(ipam, {
          taken: { has: address => foreign.has(address) || isTaken(network, address) },
          last: last.get(network) ?? {},
          requested,
        }),
      );
      last.set(network, chosen.last);
      const leases = chosen.ips.map((ip): HostLocalLease => ({ kind: 'host-local', network, address: ip.address }));
      for (const lease of leases) pending.add(lease);
      return {
        result: { ips: chosen.ips, routes: ipam.routes, dns: ipam.dns },
        addresses: chosen.ips.map(ip => ({ ...ip, isFixed: true })),
        leases,
        fresh: [],
      };
    },
    settle(leases) {
      for (const lease of leases) if (lease.kind === 'host-local') pending.delete(lease);
    },
  };
}

/** The choice speaks in the words of the reference plugin, which knows of one network only; a pod has several. */
function forNetwork<T>(source: string, choose: () => T): T {
  try {
    return choose();
  } catch (error) {
    if (!(error instanceof IpamError)) throw error;
    throw new IpamError(error.code, `Cannot take an address for ${source}: ${error.message}`, {
      cause: error,
      details: error.details,
    });
  }
}

function withoutLength(address: string): string {
  return address.split('/')[0] ?? address;
}
