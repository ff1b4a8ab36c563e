import * as z from 'zod/mini';
import { labelSelectorSchema } from '../label-selector-schema.ts';
import { objectSchema } from '../object-schema.ts';
import { SUBNET_USE } from './address-use.ts';
import { conditionsSchema } from './condition-schema.ts';
import type { KubeOvnSubnet, KubeOvnSubnetSpec, KubeOvnSubnetStatus } from './subnet.ts';
import { useShape } from './use-shape.ts';

/** What a Subnet must look like; what its texts may say is checked apart. The source of its CRD. */
export function kubeOvnSubnetSchema() {
  const text = z.exactOptional(z.string());
  const flag = z.exactOptional(z.boolean());

  /** Loose: a Subnet says much that only an OVN network needs, and keeps it. */
  const spec = z.looseObject({
    provider: z.exactOptional(
      z
        .string()
        .check(z.describe('<nad>.<namespace> of the network whose addresses these are; ovn where it is left out')),
    ),
    protocol: z.exactOptional(z.enum(['IPv4', 'IPv6', 'Dual', 'Mac', ''])),
    cidrBlock: z.exactOptional(
      z.string().check(z.describe('A prefix, or one of each family with a comma: 10.0.0.0/16,fd00::/112')),
    ),
    gateway: z.exactOptional(
      z.string().check(z.describe('Next hop of each family; the first address of the network where it is left out')),
    ),
    excludeIps: z.exactOptional(
      z.array(z.string()).check(z.describe('Addresses and ranges a..b that nobody gets without asking for them')),
    ),
    vlan: text,
    vpc: text,
    namespaces: z.exactOptional(z.array(z.string())),
    namespaceSelectors: z.exactOptional(z.array(labelSelectorSchema())),
    gatewayType: text,
    private: flag,
    natOutgoing: flag,
    default: flag,
  }) satisfies z.ZodMiniType<KubeOvnSubnetSpec>;

  const status = z.looseObject({
    conditions: z.exactOptional(conditionsSchema()),
    ...useShape(SUBNET_USE),
    u2oInterconnectionIP: text,
  }) satisfies z.ZodMiniType<KubeOvnSubnetStatus>;

  return objectSchema({ spec, status: z.exactOptional(status) }) satisfies z.ZodMiniType<KubeOvnSubnet>;
}
