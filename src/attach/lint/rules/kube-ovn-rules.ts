import {
  IP_ALLOCATIONS,
  KUBE_OVN_IP_POOLS,
  KUBE_OVN_SUBNETS,
  kubeOvnIPPoolSchema,
  kubeOvnSubnetSchema,
  NETWORK_ATTACHMENT_DEFINITIONS,
} from '#api';
import { loadKubeOvnObjects } from '#ipam';
import { type ObjectRule, objectRule } from './object-rule.ts';

/** Kube-OVN's kinds that people write, as far as addresses go. */
export async function kubeOvnRules(): Promise<readonly ObjectRule[]> {
  const objects = await loadKubeOvnObjects();
  return [
    objectRule({
      resource: KUBE_OVN_SUBNETS,
      schema: kubeOvnSubnetSchema,
      against: [KUBE_OVN_SUBNETS, NETWORK_ATTACHMENT_DEFINITIONS, IP_ALLOCATIONS],
      check: (subnet, known) =>
        objects.validateKubeOvnSubnet(subnet, {
          subnets: known.list(KUBE_OVN_SUBNETS),
          networks: known.list(NETWORK_ATTACHMENT_DEFINITIONS),
        }),
      checkChange: (subnet, old, known) =>
        objects.validateKubeOvnSubnetChange(
          old,
          subnet,
          objects.claimsOfSubnet(old.metadata.name, known.list(IP_ALLOCATIONS)),
        ),
      checkRemoval: (subnet, known) =>
        objects.validateKubeOvnSubnetRemoval(
          subnet,
          objects.claimsOfSubnet(subnet.metadata.name, known.list(IP_ALLOCATIONS)),
        ),
      complete: objects.defaultKubeOvnSubnet,
    }),
    objectRule({
      resource: KUBE_OVN_IP_POOLS,
      schema: kubeOvnIPPoolSchema,
      against: [KUBE_OVN_SUBNETS, KUBE_OVN_IP_POOLS, IP_ALLOCATIONS],
      check: (pool, known) =>
        objects.validateKubeOvnIPPool(pool, {
          subnets: known.list(KUBE_OVN_SUBNETS),
          pools: known.list(KUBE_OVN_IP_POOLS),
        }),
      checkChange: (pool, old, known) =>
        objects.validateKubeOvnIPPoolChange(old, pool, objects.claimsOfPool(old, known.list(IP_ALLOCATIONS))),
      checkRemoval: (pool, known) =>
        objects.validateKubeOvnIPPoolRemoval(pool, objects.claimsOfPool(pool, known.list(IP_ALLOCATIONS))),
    }),
  ];
}
