import {
  IP_ALLOCATIONS,
  KUBE_OVN_IP_POOLS,
  KUBE_OVN_SUBNETS,
  kubeOvnIPPoolSchema,
  kubeOvnSubnetSchema,
  NETWORK_ATTACHMENT_DEFINITIONS,
} from '#api';
import { DETECT_ANNOTATION, loadKubeOvnObjects } from '#ipam';
import { type ObjectRule, objectRule } from './object-rule.ts';

/** Kube-OVN's kinds that people write, as far as addresses go. */
export async function kubeOvnRules(): Promise<readonly ObjectRule[]> {
  const objects = await loadKubeOvnObjects();
  return [
    objectRule({
      resource: KUBE_OVN_SUBNETS,
      schema: kubeOvnSubnetSchema,
      annotations: [DETECT_ANNOTATION],
      against: [KUBE_OVN_SUBNETS, NETWORK_ATTACHMENT_DEFINITIONS, IP_ALLOCATIONS],
      check: (subnet, known) =>
        objects.validateKubeOvnSubnet(subnet, {
          subnets: known.list(KUBE_OVN_SUBNETS),
          networks: known.list(NETWORK_ATTACHMENT_DEFINITIONS),
        }),
      usersOf: ({ metadata }, known) => objects.claimsOfSubnet(metadata.name, known.list(IP_ALLOCATIONS)),
      checkChange: (subnet, old, claims) => objects.validateKubeOvnSubnetChange(old, subnet, claims),
      checkRemoval: objects.validateKubeOvnSubnetRemoval,
      complete: objects.defaultKubeOvnSubnet,
    }),
    objectRule({
      resource: KUBE_OVN_IP_POOLS,
      schema: kubeOvnIPPoolSchema,
      annotations: [DETECT_ANNOTATION],
      against: [KUBE_OVN_SUBNETS, KUBE_OVN_IP_POOLS, IP_ALLOCATIONS],
      check: (pool, known) =>
        objects.validateKubeOvnIPPool(pool, {
          subnets: known.list(KUBE_OVN_SUBNETS),
          pools: known.list(KUBE_OVN_IP_POOLS),
        }),
      usersOf: (pool, known) => objects.claimsOfPool(pool, known.list(IP_ALLOCATIONS)),
      checkChange: (pool, old, claims) => objects.validateKubeOvnIPPoolChange(old, pool, claims),
      checkRemoval: objects.validateKubeOvnIPPoolRemoval,
    }),
  ];
}
