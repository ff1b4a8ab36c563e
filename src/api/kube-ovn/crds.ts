import { column, type PrinterColumn } from '../printer-column.ts';
import { type Crd, toCrd } from '../to-crd.ts';
import { IP_POOL_USE, SUBNET_USE, type UseSpelling } from './address-use.ts';
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
        column('Provider', '.spec.provider'),
        column('Vpc', '.spec.vpc'),
        column('Vlan', '.spec.vlan'),
        column('Protocol', '.spec.protocol'),
        column('CIDR', '.spec.cidrBlock'),
        column('Private', '.spec.private', { type: 'boolean' }),
        column('NAT', '.spec.natOutgoing', { type: 'boolean' }),
        column('Default', '.spec.default', { type: 'boolean' }),
        column('GatewayType', '.spec.gatewayType'),
        ...countColumns(SUBNET_USE),
        column('ExcludeIPs', '.spec.excludeIps'),
        column('U2OInterconnectionIP', '.status.u2oInterconnectionIP'),
      ],
    }),
    toCrd({
      resource: KUBE_OVN_IPS,
      singular: 'ip',
      shortNames: ['ip'],
      description: 'The addresses of one interface of one pod: a view, from which nothing is decided.',
      schema: kubeOvnIPSchema(),
      columns: [
        column('V4IP', '.spec.v4IpAddress'),
        column('V6IP', '.spec.v6IpAddress'),
        column('Mac', '.spec.macAddress'),
        column('Node', '.spec.nodeName'),
        column('Subnet', '.spec.subnet'),
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
        column('Subnet', '.spec.subnet'),
        column('enableAddressSet', '.spec.enableAddressSet', { type: 'boolean' }),
        column('IPs', '.spec.ips'),
        ...countColumns(IP_POOL_USE),
      ],
    }),
  ];
}

/** Numbers of addresses by family. */
function countColumns({ using, available }: UseSpelling): readonly PrinterColumn[] {
  return [4, 6].flatMap(version => [
    column(`V${version}Used`, `.status.v${version}${using}IPs`, { type: 'number' }),
    column(`V${version}Available`, `.status.v${version}${available}IPs`, { type: 'number' }),
  ]);
}
