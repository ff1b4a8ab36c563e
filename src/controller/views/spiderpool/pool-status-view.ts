import { type IPAllocation, isSpiderpools, SPIDER_IP_POOLS, type SpiderIPPool, type SpiderIPPoolStatus } from '#api';
import { count, type Family } from '#ip';
import { loadSpiderpoolObjects, type ObjectSource } from '#ipam';
import { LISTED_BYTES } from '../pace.ts';
import type { Seen, View, ViewChange } from '../view.ts';

/** The status of SpiderIPPools: who has which address, and how many there are. */
export function spiderPoolStatusView(objects?: ObjectSource<SpiderIPPool>): View<SpiderIPPool> {
  return {
    resource: SPIDER_IP_POOLS,
    ...(objects === undefined ? {} : { objects }),
    namesOf({ spec: { pool } }) {
      return pool.dialect === 'spiderpool' && pool.kind === SPIDER_IP_POOLS.kind ? [{ name: pool.name }] : [];
    },
    async compare(seen) {
      if (seen.object === undefined) return { kind: 'none' };
      const { clampCount, readAddresses } = await loadSpiderpoolObjects();
      const { addresses } = readAddresses(seen.object.spec);
      // One that cannot be read hands nothing out.
      return comparePoolStatus(seen, clampCount(count(addresses?.total ?? [])), addresses?.subnet.family);
    },
  };
}

/** What is missing in the status of a pool of so many addresses, and its family where no webhook has filled it in. */
export function comparePoolStatus(
  { claims, object }: Pick<Seen<SpiderIPPool>, 'claims' | 'object'>,
  totalIPCount: number,
  family?: Family,
): ViewChange<SpiderIPPool> {
  if (object === undefined) return { kind: 'none' };
  if (isSpiderpools(object)) return { kind: 'foreign' };
  if (object.spec.ipVersion === undefined && family !== undefined) {
    return { kind: 'patch', body: { spec: { ipVersion: family } } };
  }
  const { status = {} } = object;
  const wanted = { allocatedIPs: formatAllocatedIPs(claims), totalIPCount, allocatedIPCount: claims.length };
  if (isSame(status, wanted)) return { kind: 'none' };
  return {
    kind: 'patch',
    subresource: 'status',
    body: { status: { ...wanted, allocatedIPs: wanted.allocatedIPs ?? null } },
  };
}

/** As Spiderpool writes it: JSON with the addresses in the order of their text; none for a pool without, or with too many. */
function formatAllocatedIPs(claims: readonly IPAllocation[]): string | undefined {
  const entries: string[] = [];
  let bytes = 0;
  for (const claim of claims) {
    const entry = `${JSON.stringify(claim.spec.address.split('/')[0])}:${JSON.stringify(holderOf(claim))}`;
    bytes += entry.length + 1;
    if (bytes > LISTED_BYTES) return undefined;
    entries.push(entry);
  }
  return entries.length === 0 ? undefined : `{${entries.sort().join(',')}}`;
}

/** A virtual machine has its addresses itself, whichever pod it runs in; an address in quarantine is no pod's. */
function holderOf({ spec: { owner, quarantine } }: IPAllocation): { readonly pod: string; readonly podUid: string } {
  if (quarantine !== undefined) return { pod: `quarantine: ${quarantine.mac}`, podUid: '' };
  const { podNamespace = 'default', podName, podUid, containerId, workload } = owner;
  const name =
    workload?.kind === 'VirtualMachine' || workload?.kind === 'VirtualMachineInstance' ? workload.name : podName;
  return { pod: name === undefined ? '' : `${podNamespace}/${name}`, podUid: podUid ?? containerId ?? '' };
}

function isSame(a: SpiderIPPoolStatus, b: { readonly [K in keyof Required<SpiderIPPoolStatus>]: unknown }): boolean {
  return (
    a.allocatedIPs === b.allocatedIPs && a.totalIPCount === b.totalIPCount && a.allocatedIPCount === b.allocatedIPCount
  );
}
