import type { KubeOvnSubnet, SpiderIPPool, SpiderReservedIP } from '#api';
import { KUBE_OVN_SUBNETS, SPIDER_IP_POOLS } from '#api';
import { count, subtract } from '#ip';
import { loadKubeOvnObjects, loadSpiderpoolObjects, type PoolCatalog } from '#ipam';
import type { PoolSize } from './pool-size.ts';

/** SpiderIPPools: what they have less what is reserved. */
export async function spiderPoolSizes(
  pools: readonly SpiderIPPool[],
  reserved: readonly SpiderReservedIP[],
  catalog: Pick<PoolCatalog, 'read'>,
): Promise<readonly PoolSize[]> {
  const { isAutoPool, readAddresses, reservedAddresses } = await loadSpiderpoolObjects();
  return pools.flatMap(pool => {
    const { addresses } = readAddresses(pool.spec);
    if (addresses === undefined) return [];
    const { family } = addresses.subnet;
    const { name, uid } = pool.metadata;
    const kind = SPIDER_IP_POOLS.kind;
    return [
      {
        key: { dialect: 'spiderpool', kind, name, family },
        size: count(subtract(addresses.total, reservedAddresses(reserved, family, catalog))),
        // One that was made for a workload is as large as the workload: to be full is what it is for.
        subjects: isAutoPool(pool) ? [] : [{ kind, name, ...(uid === undefined ? {} : { uid }) }],
      },
    ];
  });
}

/** Kube-OVN's Subnets, each family for itself. */
export async function kubeOvnSubnetSizes(subnets: readonly KubeOvnSubnet[]): Promise<readonly PoolSize[]> {
  const { readKubeOvnSubnet } = await loadKubeOvnObjects();
  return subnets.flatMap(subnet => {
    const { name, uid } = subnet.metadata;
    const kind = KUBE_OVN_SUBNETS.kind;
    return readKubeOvnSubnet(subnet).networks.map(({ family, usable }) => ({
      key: { dialect: 'kube-ovn', kind, name, family },
      size: count(usable),
      subjects: [{ kind, name, ...(uid === undefined ? {} : { uid }) }],
    }));
  });
}
