import { type Crd, toCrd } from '../to-crd.ts';
import { KUBE_OVN_IPS } from './ip.ts';
import { KUBE_OVN_IP_POOLS } from './ip-pool.ts';
import { kubeOvnIPPoolSchema } from './ip-pool-schema.ts';
import { kubeOvnIPSchema } from './ip-schema.ts';
import { KUBE_OVN_SUBNETS } from './subnet.ts';
import { kubeOvnSubnetSchema } from './subnet-schema.ts';

/** Kube-OVN's kinds that are about addresses, for clusters without Kube-OVN; names and columns are as it has them. */
export function listKubeOvnCrds(): readonly Crd[] {
  return [
    toCrd({
      resource: KUBE_OVN_SUBNETS,
      singular: 'subnet',
      shortNames: ['subnet'],
      description: 'Addresses that the networks of one provider hand out.',
      schema: kubeOvnSubnetSchema(),
      hasStatus: true,
      columns: [
        { name: 'Provider', type: 'string', jsonPath: '.spec.provider' },
        { name: 'Vpc', type: 'string', jsonPath: '.spec.vpc' },
        { name: 'Vlan', type: 'string', jsonPath: '.spec.vlan' },
        { name: 'Protocol', type: 'string', jsonPath: '.spec.protocol' },
        { name: 'CIDR', type: 'string', jsonPath: '.spec.cidrBlock' },
        { name: 'Private', type: 'boolean', jsonPath: '.spec.private' },
        { name: 'NAT', type: 'boolean', jsonPath: '.spec.natOutgoing' },
        { name: 'Default', type: 'boolean', jsonPath: '.spec.default' },
        { name: 'GatewayType', type: 'string', jsonPath: '.spec.gatewayType' },
        { name: 'V4Used', type: 'number', jsonPath: '.status.v4usingIPs' },
        { name: 'V4Available', type: 'number', jsonPath: '.status.v4availableIPs' },
        { name: 'V6Used', type: 'number', jsonPath: '.status.v6usingIPs' },
        { name: 'V6Available', type: 'number', jsonPath: '.status.v6availableIPs' },
        { name: 'ExcludeIPs', type: 'string', jsonPath: '.spec.excludeIps' },
        { name: 'U2OInterconnectionIP', type: 'string', jsonPath: '.status.u2oInterconnectionIP' },
      ],
    }),
    toCrd({
      resource: KUBE_OVN_IPS,
      singular: 'ip',
      shortNames: ['ip'],
      description: 'The addresses of one interface of one pod: a view, from which nothing is decided.',
      schema: kubeOvnIPSchema(),
      columns: [
        { name: 'V4IP', type: 'string', jsonPath: '.spec.v4IpAddress' },
        { name: 'V6IP', type: 'string', jsonPath: '.spec.v6IpAddress' },
        { name: 'Mac', type: 'string', jsonPath: '.spec.macAddress' },
        { name: 'Node', type: 'string', jsonPath: '.spec.nodeName' },
        { name: 'Subnet', type: 'string', jsonPath: '.spec.subnet' },
      ],
    }),
    toCrd({
      resource: KUBE_OVN_IP_POOLS,
      singular: 'ippool',
      shortNames: ['ippool'],
      description: 'Addresses of a Subnet for those who name the pool, or whose namespace it is for.',
      schema: kubeOvnIPPoolSchema(),
      hasStatus: true,
      columns: [
        { name: 'Subnet', type: 'string', jsonPath: '.spec.subnet' },
        { name: 'enableAddressSet', type: 'boolean', jsonPath: '.spec.enableAddressSet' },
        { name: 'IPs', type: 'string', jsonPath: '.spec.ips' },
        { name: 'V4Used', type: 'number', jsonPath: '.status.v4UsingIPs' },
        { name: 'V4Available', type: 'number', jsonPath: '.status.v4AvailableIPs' },
        { name: 'V6Used', type: 'number', jsonPath: '.status.v6UsingIPs' },
        { name: 'V6Available', type: 'number', jsonPath: '.status.v6AvailableIPs' },
      ],
    }),
  ];
}
