import { isDeepStrictEqual } from 'node:util';
import { isSpiderpools, SPIDER_SUBNETS, type SpiderIPPool, type SpiderSubnet } from '#api';
import { loadSpiderpoolObjects, type ObjectSource } from '#ipam';
import type { View } from '../view.ts';

/** The status of SpiderSubnets: which pool has which of their addresses. Follows from the pools, whoever made them. */
export function spiderSubnetStatusView(
  pools: ObjectSource<SpiderIPPool>,
  subnets: ObjectSource<SpiderSubnet>,
): View<SpiderSubnet> {
  return {
    resource: SPIDER_SUBNETS,
    objects: subnets,
    namesOf: () => [],
    async compare({ object }) {
      if (object === undefined) return { kind: 'none' };
      if (isSpiderpools(object)) return { kind: 'foreign' };
      const { readAddresses, subnetStatusOf } = await loadSpiderpoolObjects();
      const family = readAddresses(object.spec).addresses?.subnet.family;
      if (object.spec.ipVersion === undefined && family !== undefined) {
        return { kind: 'patch', body: { spec: { ipVersion: family } } };
      }
      const status = subnetStatusOf(object, pools.list());
      if (isDeepStrictEqual(object.status, status)) return { kind: 'none' };
      return { kind: 'patch', subresource: 'status', body: { status: { controlledIPPools: null, ...status } } };
    },
    follow(touch, signal) {
      const unsubscribe = pools.subscribe(change => {
        // A pool's status changes with every claim.
        const isSame = change.type === 'put' && isDeepStrictEqual(change.object.spec, change.previous?.spec);
        if (change.type === 'relisted' || isSame) return;
        for (const { metadata } of subnets.list()) touch({ name: metadata.name });
      });
      signal.addEventListener('abort', unsubscribe, { once: true });
    },
  };
}
