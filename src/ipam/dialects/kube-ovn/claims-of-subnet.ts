import type { IPAllocation, KubeOvnIPPool } from '#api';

/** The claims of a Subnet's addresses, those that its IPPools hand out among them. */
export function claimsOfSubnet(
  subnet: string,
  pools: readonly KubeOvnIPPool[],
  claims: readonly IPAllocation[],
): readonly IPAllocation[] {
  const own = new Set(pools.flatMap(({ metadata, spec }) => (spec.subnet === subnet ? [metadata.name] : [])));
  return claims.filter(({ spec: { pool } }) => {
    if (pool.dialect !== 'kube-ovn') return false;
    return pool.kind === 'Subnet' ? pool.name === subnet : own.has(pool.name);
  });
}

/** The claims of the addresses that an IPPool hands out. */
export function claimsOfPool(name: string, claims: readonly IPAllocation[]): readonly IPAllocation[] {
  return claims.filter(({ spec: { pool } }) => {
    return pool.dialect === 'kube-ovn' && pool.kind === 'IPPool' && pool.name === name;
  });
}

/** For messages: the first of those who hold addresses, and how many more there are. */
export function listHolders(claims: readonly IPAllocation[]): string {
  const holders = claims.slice(0, SHOWN).map(({ spec: { address, owner } }) => {
    const holder =
      owner.podName === undefined
        ? `container ${owner.containerId ?? 'unknown'}`
        : `Pod ${owner.podNamespace ?? 'default'}/${owner.podName}`;
    return `${address.split('/')[0]} by ${holder}`;
  });
  return `${holders.join(', ')}${claims.length > SHOWN ? ` and ${claims.length - SHOWN} more` : ''}`;
}

const SHOWN = 3;
