import { isKubeOvns, type KubeOvnSubnet, type ObjectProblem } from '#api';
import type { PoolCatalog } from '../../catalog/pool-catalog.ts';
import { IpamError } from '../../errors.ts';
import type { AddressAsk } from './asked-of-subnet.ts';
import type { ReadPool } from './pool-members.ts';
import { readSubnet } from './subnet-networks.ts';
import type { SubnetInUse } from './subnet-pools.ts';
import { shareSubnet } from './subnet-shares.ts';
import { hasAsked } from './ways-of-subnet.ts';

/** Those of several Subnets that can be used, read. What is wrong is left out. @throws IpamError BAD_POOL where nothing else is there */
export function usableSubnets(
  subnets: readonly KubeOvnSubnet[],
  ipPools: readonly ReadPool[],
  source: string,
  catalog: Pick<PoolCatalog, 'read' | 'readTogether'>,
): readonly SubnetInUse[] {
  const problems: string[] = [];
  const usable = subnets.flatMap((subnet): readonly SubnetInUse[] => {
    const { name } = subnet.metadata;
    const reading = catalog.read(subnet, readSubnet);
    const error = reading.problems.find(isError);
    if (error !== undefined) problems.push(`Subnet "${name}": ${error.message}`);
    if (error !== undefined) return [];
    const own = ipPools.filter(({ pool }) => pool.spec.subnet === name);
    const shares = catalog.readTogether([subnet, ...own.map(({ pool }) => pool)], shareSubnet);
    const inUse = { subnet, networks: reading.networks, ipPools: own, shares };
    return [isKubeOvns(subnet) ? { ...inUse, closed: `Subnet "${name}": ${KEPT}` } : inUse];
  });
  const open = usable.filter(({ closed }) => closed === undefined);
  if (open.length > 0) return open;
  if (usable.length > 0) return usable;
  throw new IpamError('BAD_POOL', `Cannot take an address for ${source}: ${problems.join('; ')}`, { retriable: true });
}

/** Whoever else hands out its addresses does not know of claims, and has perhaps pods with some. */
const KEPT = 'Kube-OVN keeps it, until `underlane migrate --from kube-ovn` takes it over';

function isError({ severity }: ObjectProblem): boolean {
  return severity !== 'warning';
}

/** Of several Subnets those that have what is asked for; where none has it, the first one says so. */
export function subnetsFor(
  subnets: readonly SubnetInUse[],
  ask: AddressAsk,
  ipPools: readonly ReadPool[],
): readonly SubnetInUse[] {
  const named =
    ask.kind === 'pools' ? ipPools.find(({ pool }) => pool.metadata.name === ask.names[0])?.pool : undefined;
  const fitting = subnets.filter(
    ({ subnet, networks }) =>
      hasAsked(networks, ask) && (named === undefined || named.spec.subnet === subnet.metadata.name),
  );
  return fitting.length > 0 ? fitting : subnets.slice(0, 1);
}
