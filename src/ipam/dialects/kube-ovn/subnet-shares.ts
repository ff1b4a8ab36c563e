import type { KubeOvnIPPool, KubeOvnSubnet } from '#api';
import { type Family, type IntervalSet, intersection, subtract } from '#ip';
import type { Readings } from '../../catalog/readings.ts';
import { readPool } from './pool-members.ts';
import { readSubnet } from './subnet-networks.ts';

/** Who hands out which of a Subnet's addresses of one family. */
export interface FamilyShares {
  /** What the Subnet itself has for those who name no pool: neither excluded nor any IPPool's. */
  readonly own: IntervalSet;
  /** By the IPPool's name: the part of its addresses that the Subnet has and does not exclude. */
  readonly ofPools: ReadonlyMap<string, IntervalSet>;
}

export type SubnetShares = Partial<Readonly<Record<Family, FamilyShares>>>;

/** Divides a Subnet's addresses between it and its IPPools: a reader for `readTogether`, since all of them may have thousands. */
export function shareSubnet(
  [subnet, ...pools]: readonly [KubeOvnSubnet, ...KubeOvnIPPool[]],
  read: Readings['read'],
): SubnetShares {
  const shares: { [F in Family]?: FamilyShares } = {};
  for (const { family, usable } of read(subnet, readSubnet).networks) {
    const members = pools.map(pool => ({ name: pool.metadata.name, set: read(pool, readPool).members[family] }));
    shares[family] = {
      own: subtract(
        usable,
        members.flatMap(({ set }) => set),
      ),
      ofPools: new Map(members.map(({ name, set }) => [name, intersection(set, usable)])),
    };
  }
  return shares;
}
