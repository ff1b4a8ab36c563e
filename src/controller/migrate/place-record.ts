import type { Pod } from '#api';
import type { PlannedClaims } from '#attach';
import { contains, formatIp, has, type Ip, normalise, toPrefix } from '#ip';
import type { ClaimRequest, Pool } from '#ipam';
import { statusOf } from './find-pod.ts';
import type { ForeignRecord } from './foreign-record.ts';

/** The claim that an address comes to, less who imports it. */
export type PlacedClaim = Pick<ClaimRequest, 'pools' | 'owner' | 'node'> & { readonly address: string };

/**
 * Finds the claim that the pod's own ADD would hold the address by: then a new sandbox of the pod gets it again. What says that
 * the pool hands the address out goes before the interface's name, and that before the network alone. Pure.
 * @param planned what the pod's ADD would ask for
 */
export function placeRecord(
  record: ForeignRecord,
  pod: Pod,
  planned: readonly PlannedClaims[],
): PlacedClaim | undefined {
  const ifname = record.interface ?? interfaceOf(pod, record.ip);
  const places = planned.flatMap(({ owner, wishes }) =>
    wishes.alternatives.flatMap(alternative =>
      alternative.flatMap(({ pools }, slot) =>
        pools.map(pool => ({
          pool,
          owner: { ...owner, slot, ...(wishes.workload === undefined ? {} : { workload: wishes.workload }) },
        })),
      ),
    ),
  );
  const ranked = places
    .map(place => ({ place, rank: rankOf(place.pool, record.ip) + (place.owner.interface === ifname ? 1 : 0) }))
    .filter(({ rank }) => rank >= IN_NETWORK)
    .sort((a, b) => b.rank - a.rank);
  const [best] = ranked;
  if (best === undefined) return undefined;
  const { pool, owner } = best.place;
  return {
    // It has the address, whatever the pool hands out by now.
    pools: [
      { ...pool, fixable: normalise([...(pool.fixable ?? []), { first: record.ip.value, last: record.ip.value }]) },
    ],
    owner,
    node: pod.spec.nodeName ?? '',
    address: formatIp(record.ip),
  };
}

/** Both above the one for the interface. */
const IN_NETWORK = 2;
const IN_POOL = 4;

function rankOf(pool: Pool, ip: Ip): number {
  if (pool.family !== ip.family) return 0;
  const sets = [pool.usable, pool.kept ?? [], pool.fixable ?? []];
  if (sets.some(set => has(set, ip.value))) return IN_POOL;
  const first = sets.flatMap(set => set.slice(0, 1))[0]?.first;
  if (first === undefined) return 0;
  return contains(toPrefix({ family: pool.family, value: first }, pool.prefixLength), ip) ? IN_NETWORK : 0;
}

/** The interface that the pod's network-status gives an address to. */
function interfaceOf(pod: Pod, ip: Ip): string | undefined {
  return statusOf(pod)?.find(({ ips }) => ips.includes(formatIp(ip)))?.interface;
}
