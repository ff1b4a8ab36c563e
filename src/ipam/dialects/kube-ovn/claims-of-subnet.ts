import type { IPAllocation, KubeOvnIPPool } from '#api';
import { findPrefix, has } from '#ip';
import { readPool } from './pool-members.ts';

/** The name of the Subnet that a claim's address is of; undefined where it is of none. */
export function subnetOfClaim({ spec: { pool } }: IPAllocation): string | undefined {
  return pool.dialect === 'kube-ovn' && pool.kind === 'Subnet' ? pool.name : undefined;
}

/** The claims of a Subnet's addresses, those of its IPPools among them. */
export function claimsOfSubnet(subnet: string, claims: readonly IPAllocation[]): readonly IPAllocation[] {
  return claims.filter(claim => subnetOfClaim(claim) === subnet);
}

/** The claims of the addresses that an IPPool has by now, however they came to be taken. */
export function claimsOfPool(pool: KubeOvnIPPool, claims: readonly IPAllocation[]): readonly IPAllocation[] {
  const { members } = readPool(pool);
  return claimsOfSubnet(pool.spec.subnet, claims).filter(({ spec }) => {
    const ip = findPrefix(spec.address);
    return ip !== undefined && has(members[ip.family], ip.address);
  });
}
