import type { ClaimOwner, Pod } from '#api';
import type { Aside } from '#base';
import {
  type IpamConfig,
  leftToOthers,
  type PodInterface,
  type PoolCatalog,
  resolveWishes,
  takesClaims,
  type Wishes,
} from '#ipam';
import type { NetworkSelection } from '#networks';
import { askedAttachments, askedInterfaces, nadOf } from './asked-attachments.ts';
import { askedBy } from './asked-by.ts';
import { ipamOf, ipamTypeOf, parseChain } from './chain.ts';
import { isInFile, type NadSource, networkOfNad } from './find-network.ts';

/** What is known of a pod's networks away from its node. */
export interface ClaimPlanSources {
  readonly nads: Pick<NadSource, 'cache' | 'client'>;
  readonly catalog: PoolCatalog;
  /** The nodes' default network, where it is a NetworkAttachmentDefinition. */
  readonly clusterNetwork?: { readonly namespace: string; readonly name: string };
  /** Where the default-network annotation's networks without a namespace are looked for. */
  readonly multusNamespace: string;
  /** See `WishContext.aside`. */
  readonly aside?: Aside;
}

/** Addresses that a pod's ADD will take for one interface. */
export interface PlannedClaims {
  readonly owner: Omit<ClaimOwner, 'slot'>;
  readonly wishes: Wishes;
}

/**
 * The claims that the ADD of a scheduled pod will ask for, as far as the API alone tells. Networks that are files on the
 * node, and addresses that an IPAMClaim keeps, are left to the node's agent: it also gives back what it has no use for.
 * @throws what is wrong with the pod's annotations, a network or its pools; ApiError
 */
export async function planPodClaims(
  pod: Pod,
  sources: ClaimPlanSources,
  signal: AbortSignal,
): Promise<readonly PlannedClaims[]> {
  const attachments = askedAttachments(pod, sources);
  const interfaces = askedInterfaces(attachments);
  const planned = await Promise.all(
    attachments.map(({ selection }, index) => planOne(pod, selection, { interfaces, index }, sources, signal)),
  );
  return planned.flat();
}

async function planOne(
  pod: Pod,
  selection: NetworkSelection | undefined,
  { interfaces, index }: { readonly interfaces: readonly PodInterface[]; readonly index: number },
  sources: ClaimPlanSources,
  signal: AbortSignal,
): Promise<readonly PlannedClaims[]> {
  const own = interfaces[index];
  const nad = selection === undefined ? undefined : sources.nads.cache.find(selection);
  if (own === undefined || selection === undefined || nad === undefined || isInFile(nad)) return [];
  if (selection.ipamClaim !== undefined) return [];
  const { namespace = 'default', name, uid } = pod.metadata;
  const network = await networkOfNad(selection, '', { confDir: '', nads: sources.nads }, signal);
  const types = network.config.plugins.flatMap(({ ipam }) => ipamTypeOf(ipam) ?? []);
  const chain = parseChain(network.config, {
    source: network.source,
    lacksKind: () => false,
    leftIpams: await leftToOthers(types, sources.catalog, signal),
    ...(network.nad === undefined ? {} : { nad: network.nad }),
    ...(network.scope === undefined ? {} : { scope: network.scope }),
  });
  const { asked = { ips: [] } } = askedBy(selection, undefined);
  const wanted = chain.flatMap(step => {
    const ipam = ipamOf(step);
    return ipam !== undefined && takesClaims(ipam) && !asksNode(ipam) ? [ipam] : [];
  });
  return Promise.all(
    wanted.map(async ipam => ({
      owner: {
        network: nadOf(selection),
        interface: own.name,
        podNamespace: namespace,
        podName: name,
        ...(uid === undefined ? {} : { podUid: uid }),
      },
      wishes: await resolveWishes(ipam, {
        pod,
        node: pod.spec.nodeName ?? '',
        interface: own,
        isDefault: index === 0,
        interfaces,
        asked,
        source: `network "${nadOf(selection)}"`,
        catalog: sources.catalog,
        ...(sources.aside === undefined ? {} : { aside: sources.aside }),
        signal,
      }),
    })),
  );
}

/** Whether the pools depend on what only the node knows: its devices. */
function asksNode(ipam: IpamConfig): boolean {
  return ipam.dialect === 'spiderpool' && ipam.matchMasterSubnet;
}
