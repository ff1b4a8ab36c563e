import { type Crd, type PrinterColumn, toCrd } from '../to-crd.ts';
import { SPIDER_ENDPOINTS } from './spider-endpoint.ts';
import { spiderEndpointSchema } from './spider-endpoint-schema.ts';
import { SPIDER_IP_POOLS } from './spider-ip-pool.ts';
import { spiderIPPoolSchema } from './spider-ip-pool-schema.ts';
import { SPIDER_RESERVED_IPS } from './spider-reserved-ip.ts';
import { spiderReservedIPSchema } from './spider-reserved-ip-schema.ts';
import { SPIDER_SUBNETS } from './spider-subnet.ts';
import { spiderSubnetSchema } from './spider-subnet-schema.ts';

const VERSION: PrinterColumn = { name: 'VERSION', type: 'string', jsonPath: '.spec.ipVersion' };

const POOL_COLUMNS: readonly PrinterColumn[] = [
  VERSION,
  { name: 'SUBNET', type: 'string', jsonPath: '.spec.subnet' },
  { name: 'ALLOCATED-IP-COUNT', type: 'integer', jsonPath: '.status.allocatedIPCount' },
  { name: 'TOTAL-IP-COUNT', type: 'integer', jsonPath: '.status.totalIPCount' },
];

const CATEGORIES = { categories: ['spiderpool'] };

/** The kinds of Spiderpool, with the columns that `kubectl get` shows for them there. */
export function listSpiderpoolCrds(): readonly Crd[] {
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
        ...POOL_COLUMNS,
        { name: 'DEFAULT', type: 'boolean', jsonPath: '.spec.default' },
        { name: 'DISABLE', type: 'boolean', jsonPath: '.spec.disable', priority: 10 },
        { name: 'NodeName', type: 'string', jsonPath: '.spec.nodeName', priority: 10 },
        { name: 'MultusName', type: 'string', jsonPath: '.spec.multusName', priority: 10 },
        {
          name: 'APP-NAMESPACE',
          type: 'string',
          jsonPath: String.raw`.spec.podAffinity.matchLabels['ipam\.spidernet\.io/app\-namespace']`,
          priority: 10,
        },
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
      columns: POOL_COLUMNS,
    }),
    toCrd({
      ...CATEGORIES,
      resource: SPIDER_RESERVED_IPS,
      singular: 'spiderreservedip',
      shortNames: ['sr'],
      description: 'Addresses that no pool hands out.',
      schema: spiderReservedIPSchema(),
      columns: [VERSION],
    }),
    toCrd({
      ...CATEGORIES,
      resource: SPIDER_ENDPOINTS,
      singular: 'spiderendpoint',
      shortNames: ['se'],
      description: "A pod's addresses by interface: a view, which nothing reads to decide.",
      schema: spiderEndpointSchema(),
      columns: [
        ...['interface', 'ipv4Pool', 'ipv4', 'ipv6Pool', 'ipv6'].map(field => ({
          name: field.toUpperCase(),
          type: 'string' as const,
          jsonPath: `.status.current.ips[0].${field}`,
        })),
        { name: 'NODE', type: 'string', jsonPath: '.status.current.node' },
      ],
    }),
  ];
}
