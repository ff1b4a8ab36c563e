import { column } from '../printer-column.ts';
import { type Crd, toCrd } from '../to-crd.ts';
import { SPIDER_ENDPOINTS } from './spider-endpoint.ts';
import { spiderEndpointSchema } from './spider-endpoint-schema.ts';
import { SPIDER_IP_POOLS } from './spider-ip-pool.ts';
import { spiderIPPoolSchema } from './spider-ip-pool-schema.ts';
import { SPIDER_RESERVED_IPS } from './spider-reserved-ip.ts';
import { spiderReservedIPSchema } from './spider-reserved-ip-schema.ts';
import { SPIDER_SUBNETS } from './spider-subnet.ts';
import { spiderSubnetSchema } from './spider-subnet-schema.ts';

const CATEGORIES = { categories: ['spiderpool'] };

/** The kinds of Spiderpool, with the columns that `kubectl get` shows for them there. */
export function listSpiderpoolCrds(): readonly Crd[] {
  const version = column('VERSION', '.spec.ipVersion');
  const poolColumns = [
    version,
    column('SUBNET', '.spec.subnet'),
    column('ALLOCATED-IP-COUNT', '.status.allocatedIPCount', { type: 'integer' }),
    column('TOTAL-IP-COUNT', '.status.totalIPCount', { type: 'integer' }),
  ];
  return [
    toCrd({
      ...CATEGORIES,
      resource: SPIDER_IP_POOLS,
      singular: 'spiderippool',
      shortNames: ['sp'],
      description: 'Addresses of one subnet that pods may take, and who may take them.',
      schema: spiderIPPoolSchema(),
      hasStatus: true,
      columns: [
        ...poolColumns,
        column('DEFAULT', '.spec.default', { type: 'boolean' }),
        column('DISABLE', '.spec.disable', { type: 'boolean', priority: 10 }),
        column('NodeName', '.spec.nodeName', { priority: 10 }),
        column('MultusName', '.spec.multusName', { priority: 10 }),
        column('APP-NAMESPACE', String.raw`.spec.podAffinity.matchLabels['ipam\.spidernet\.io/app\-namespace']`, {
          priority: 10,
        }),
      ],
    }),
    toCrd({
      ...CATEGORIES,
      resource: SPIDER_SUBNETS,
      singular: 'spidersubnet',
      shortNames: ['ss'],
      description: 'Addresses from which pools for single workloads are made.',
      schema: spiderSubnetSchema(),
      hasStatus: true,
      columns: poolColumns,
    }),
    toCrd({
      ...CATEGORIES,
      resource: SPIDER_RESERVED_IPS,
      singular: 'spiderreservedip',
      shortNames: ['sr'],
      description: 'Addresses that no pool hands out.',
      schema: spiderReservedIPSchema(),
      columns: [version],
    }),
    toCrd({
      ...CATEGORIES,
      resource: SPIDER_ENDPOINTS,
      singular: 'spiderendpoint',
      shortNames: ['se'],
      description: "A pod's addresses by interface: a view, which nothing reads to decide.",
      schema: spiderEndpointSchema(),
      columns: [
        ...['interface', 'ipv4Pool', 'ipv4', 'ipv6Pool', 'ipv6'].map(field =>
          column(field.toUpperCase(), `.status.current.ips[0].${field}`),
        ),
        column('NODE', '.status.current.node'),
      ],
    }),
  ];
}
