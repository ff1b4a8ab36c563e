import { type ObjectProblem, type SpiderSubnet, wrongField } from '#api';
import { contains, subtract } from '#ip';
import { detectionProblems } from '../../config/detection.ts';
import { showAddressRanges } from './address-ranges.ts';
import { isSameSubnet } from './pool-overlap.ts';
import { readAddresses } from './read-addresses.ts';
import type { PoolNeighbours } from './validate-ip-pool.ts';

/** What is wrong with a subnet among others. */
export function validateSpiderSubnet(subnet: SpiderSubnet, others: PoolNeighbours): readonly ObjectProblem[] {
  const { problems, addresses: own } = readAddresses(subnet.spec);
  if (own === undefined) return problems;
  const bySubnets = others.subnets.flatMap(other => {
    const theirs = readAddresses(other.spec).addresses;
    if (other.metadata.name === subnet.metadata.name || theirs === undefined) return [];
    if (!contains(own.subnet, theirs.subnet) && !contains(theirs.subnet, own.subnet)) return [];
    return [
      networkProblem(subnet, `overlap with Subnet ${other.metadata.name} which 'spec.subnet' is ${other.spec.subnet}`),
    ];
  });
  const byPools = others.pools.flatMap(pool => {
    const theirs = readAddresses(pool.spec).addresses;
    if (theirs === undefined) return [];
    if (!isSameSubnet(own, theirs)) {
      if (!contains(own.subnet, theirs.subnet) && !contains(theirs.subnet, own.subnet)) return [];
      return [
        networkProblem(
          subnet,
          `overlap with SpiderIPPool '${pool.metadata.name}' which 'spec.subnet' is ${pool.spec.subnet}`,
        ),
      ];
    }
    const outside = subtract(theirs.total, own.total);
    if (outside.length === 0) return [];
    const ranges = showAddressRanges(outside, own.subnet.family);
    const expected = `all addresses of its pools: SpiderIPPool '${pool.metadata.name}' owns some IP addresses that SpiderSubnet '${subnet.metadata.name}' can't control, [${ranges}]`;
    return [wrongField(['spec', 'ips'], subnet.spec.ips, expected)];
  });
  return [...detectionProblems(subnet.metadata), ...bySubnets, ...byPools];
}

/** What is wrong with a change of a subnet. */
export function validateSpiderSubnetChange(old: SpiderSubnet, subnet: SpiderSubnet): readonly ObjectProblem[] {
  return (['subnet', 'ipVersion'] as const).flatMap(field => {
    const [before, after] = [old.spec[field], subnet.spec[field]];
    if (before === undefined || after === undefined || before === after) return [];
    return [wrongField(['spec', field], after, `${before}: it is not changeable`)];
  });
}

/** What is wrong with deleting a subnet: `pools` of its network lose the addresses that they are made of. */
export function validateSpiderSubnetRemoval(
  subnet: SpiderSubnet,
  pools: PoolNeighbours['pools'],
): readonly ObjectProblem[] {
  const own = readAddresses(subnet.spec).addresses;
  const used = pools.filter(pool => {
    const theirs = readAddresses(pool.spec).addresses;
    return own !== undefined && theirs !== undefined && isSameSubnet(own, theirs);
  });
  if (used.length === 0) return [];
  const names = used.map(pool => pool.metadata.name).join(', ');
  return [
    {
      path: [],
      message: `SpiderSubnet ${subnet.metadata.name} is deleted, expected that no pool has addresses of it: ${names}`,
    },
  ];
}

function networkProblem(subnet: SpiderSubnet, what: string): ObjectProblem {
  return wrongField(['spec', 'subnet'], subnet.spec.subnet, `a network of its own: ${what}`);
}
