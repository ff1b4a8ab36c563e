/** The networks of a run's cluster, and what their people change them to and from. */
import {
  KUBE_OVN_SUBNETS,
  type KubeOvnSubnet,
  NETWORK_ATTACHMENT_DEFINITIONS,
  SPIDER_IP_POOLS,
  type SpiderIPPool,
} from '#api';
import type { Choices } from '../run/choices.ts';
import { type ClusterObjects, NAMESPACE } from './cluster-objects.ts';
import { newNetwork } from './manifests.ts';

/** Whose words the second network is written in. Those of the last two keep addresses for StatefulSets and virtual machines. */
export const DIALECTS = ['whereabouts', 'spiderpool', 'kube-ovn'] as const;

export type Dialect = (typeof DIALECTS)[number];

interface DialectNetworks {
  create(objects: ClusterObjects): void;
  /** @returns what was changed */
  edit(objects: ClusterObjects, choices: Choices): string;
}

export const NETWORKS = ['lan', 'wan'] as const;

/** The first network is always of Whereabouts' ranges; addresses of both are of one scope. */
export function createNetworks(objects: ClusterObjects, dialect: Dialect): void {
  setRanges(objects, 'lan', RANGES[0] ?? []);
  WAN[dialect].create(objects);
}

/** @returns what was changed */
export function editNetwork(
  name: (typeof NETWORKS)[number],
  dialect: Dialect,
  objects: ClusterObjects,
  choices: Choices,
): string {
  return name === 'lan' ? editRanges(objects, name, choices) : WAN[dialect].edit(objects, choices);
}

/** The first ones are those that the networks begin with. */
const RANGES: readonly (readonly string[])[] = [
  ['10.0.0.1-10.0.0.4/24'],
  ['10.0.0.1-10.0.0.2/24'],
  ['10.0.0.3-10.0.0.6/24'],
  ['10.0.1.1-10.0.1.3/24'],
  ['10.0.0.1-10.0.0.4/24', '10.0.1.1-10.0.1.3/24'],
  ['10.0.1.1-10.0.1.3/24', '10.0.0.1-10.0.0.4/24'],
];

/** Of all that networks have had or may have, some that strangers come with. */
export const STRANGERS_ADDRESSES = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.1.1', '10.0.1.2'];

function setRanges(objects: ClusterObjects, name: string, ranges: readonly string[]): void {
  setNetwork(objects, name, { type: 'whereabouts', ipRanges: ranges.map(range => ({ range })) });
}

function editRanges(objects: ClusterObjects, name: string, choices: Choices): string {
  const ranges = RANGES[choices.draw(RANGES.length)] ?? [];
  setRanges(objects, name, ranges);
  return `network ${name} is ${ranges.join(' and ')}`;
}

function setNetwork(objects: ClusterObjects, name: string, ipam: object): void {
  const nad = newNetwork(name, ipam);
  const isThere = objects.find(NETWORK_ATTACHMENT_DEFINITIONS, name) !== undefined;
  if (isThere) objects.patch(NETWORK_ATTACHMENT_DEFINITIONS, name, { spec: nad.spec });
  else objects.create(NETWORK_ATTACHMENT_DEFINITIONS, nad);
}

/** Spiderpool's pools, with what their addresses are changed to and from. */
const POOLS = [
  { name: 'pool-a', subnet: '10.0.0.0/24', ips: ['10.0.0.1-10.0.0.4', '10.0.0.1-10.0.0.2', '10.0.0.3-10.0.0.6'] },
  { name: 'pool-b', subnet: '10.0.1.0/24', ips: ['10.0.1.1-10.0.1.3', '10.0.1.2-10.0.1.2', '10.0.1.2-10.0.1.5'] },
] as const;

/** Kube-OVN's Subnets, asked by their names; what is not excluded is handed out. */
const SUBNETS = [
  {
    name: 'subnet-a',
    cidrBlock: '10.0.0.0/24',
    excludeIps: [['10.0.0.5..10.0.0.254'], ['10.0.0.3..10.0.0.254'], ['10.0.0.1..10.0.0.2', '10.0.0.7..10.0.0.254']],
  },
  {
    name: 'subnet-b',
    cidrBlock: '10.0.1.0/24',
    excludeIps: [['10.0.1.4..10.0.1.254'], ['10.0.1.1', '10.0.1.3..10.0.1.254'], ['10.0.1.1', '10.0.1.6..10.0.1.254']],
  },
] as const;
const PROVIDER = `wan.${NAMESPACE}`;

const WAN: Readonly<Record<Dialect, DialectNetworks>> = {
  whereabouts: {
    create: objects => setRanges(objects, 'wan', RANGES[0] ?? []),
    edit: (objects, choices) => editRanges(objects, 'wan', choices),
  },
  spiderpool: {
    create(objects) {
      for (const { name, subnet, ips } of POOLS) {
        const pool: SpiderIPPool = { metadata: { name }, spec: { subnet, ips: [ips[0]] } };
        objects.create(SPIDER_IP_POOLS, pool);
      }
      setPools(objects, ['pool-a', 'pool-b']);
    },
    edit(objects, choices) {
      const pool = POOLS[choices.draw(2)] ?? POOLS[0];
      const ips = pool.ips[choices.draw(3)] ?? pool.ips[0];
      if (choices.draw(3) === 2) {
        const pools = choices.draw(2) === 0 ? ['pool-a', 'pool-b'] : ['pool-b', 'pool-a'];
        setPools(objects, pools);
        return `network wan is ${pools.join(' and ')}`;
      }
      objects.patch(SPIDER_IP_POOLS, pool.name, { spec: { ips: [ips] } });
      return `${pool.name} has ${ips}`;
    },
  },
  'kube-ovn': {
    create(objects) {
      for (const { name, cidrBlock, excludeIps } of SUBNETS) {
        const subnet: KubeOvnSubnet = {
          metadata: { name },
          spec: { provider: PROVIDER, cidrBlock, gateway: cidrBlock.replace('0/24', '254'), excludeIps: excludeIps[0] },
        };
        objects.create(KUBE_OVN_SUBNETS, subnet);
      }
      setNetwork(objects, 'wan', { type: 'kube-ovn', provider: PROVIDER });
    },
    edit(objects, choices) {
      const subnet = SUBNETS[choices.draw(2)] ?? SUBNETS[0];
      const excludeIps = subnet.excludeIps[choices.draw(3)] ?? subnet.excludeIps[0];
      objects.patch(KUBE_OVN_SUBNETS, subnet.name, { spec: { excludeIps } });
      return `${subnet.name} excludes ${excludeIps.join(' and ')}`;
    },
  },
};

function setPools(objects: ClusterObjects, pools: readonly string[]): void {
  setNetwork(objects, 'wan', { type: 'spiderpool', default_ipv4_ippool: pools });
}
