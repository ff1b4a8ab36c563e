import { isDeepStrictEqual } from 'node:util';
import {
  IP_POOL_USE,
  isKubeOvns,
  KUBE_OVN_IP_POOLS,
  type KubeOvnIPPool,
  type KubeOvnSubnet,
  type ObjectProblem,
} from '#api';
import { intersection } from '#ip';
import { loadKubeOvnObjects } from '#ipam';
import type { WatchCache } from '#kube';
import type { View, ViewChange } from '../view.ts';
import { compareStatus, type WantedStatus } from './compare-status.ts';
import { type ConditionText, timeOf } from './conditions.ts';
import type { KubeOvnSources } from './subnet-status-view.ts';
import type { SubnetUse } from './subnet-use.ts';

/** IPPools: how many of their addresses are free and in use. Claims are their Subnet's: which are theirs follows from the address. */
export function kubeOvnIPPoolView(
  ipPools: WatchCache<KubeOvnIPPool>,
  { subnets, use, now }: KubeOvnSources,
): View<KubeOvnIPPool> {
  return {
    resource: KUBE_OVN_IP_POOLS,
    objects: ipPools,
    namesOf: () => [],
    ready: signal => subnets.ready(signal),
    async compare({ object }) {
      if (object === undefined) return { kind: 'none' };
      if (isKubeOvns(object)) return { kind: 'foreign' };
      const subnet = subnets.find({ name: object.spec.subnet });
      return compareIPPool(object, subnet, use, await loadKubeOvnObjects(), timeOf(now()));
    },
    follow(touch, signal) {
      const touchOf = (name: string): void => {
        for (const { metadata, spec } of ipPools.list()) if (name === spec.subnet) touch({ name: metadata.name });
      };
      use.subscribe(touchOf, signal);
      const unsubscribe = subnets.subscribe(change => {
        // A Subnet's status changes with every claim.
        const isSame = change.type === 'put' && isDeepStrictEqual(change.object.spec, change.previous?.spec);
        if (change.type !== 'relisted' && !isSame) touchOf(change.object.metadata.name);
      });
      signal.addEventListener('abort', unsubscribe, { once: true });
    },
  };
}

/** What is missing in the status of an IPPool. */
export function compareIPPool(
  pool: KubeOvnIPPool,
  subnet: KubeOvnSubnet | undefined,
  use: SubnetUse,
  { isOvnProvider, readKubeOvnIPPool, readKubeOvnSubnet }: Awaited<ReturnType<typeof loadKubeOvnObjects>>,
  now: string,
): ViewChange<KubeOvnIPPool> {
  const { subnet: name } = pool.spec;
  if (subnet !== undefined && isOvnProvider(subnet.spec.provider) && !use.isUsed(name)) return { kind: 'none' };
  const { networks } = subnet === undefined ? { networks: [] } : readKubeOvnSubnet(subnet);
  const { members, problems } = readKubeOvnIPPool(pool);
  const missing = subnet === undefined ? [`Subnet "${name}" does not exist`] : [];
  const wanted: WantedStatus = {
    spelling: IP_POOL_USE,
    usableOf: family =>
      intersection(members[family], networks.find(network => network.family === family)?.usable ?? []),
    heldOf: family => use.of(name, family),
    conditions: conditionsOf(problems, missing),
  };
  return compareStatus(pool.status, wanted, now);
}

function conditionsOf(problems: readonly ObjectProblem[], missing: readonly string[]): readonly ConditionText[] {
  const errors = problems.filter(({ severity }) => severity !== 'warning').map(({ message }) => message);
  const message = [...missing, ...errors].join('; ');
  const isReady = message === '';
  const reason = isReady ? 'UpdateIPAMSucceeded' : 'UpdateIPAMFailed';
  return [{ type: 'Ready', status: isReady ? 'True' : 'False', reason, message }];
}
