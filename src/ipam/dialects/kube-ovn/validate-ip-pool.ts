import { type IPAllocation, type KubeOvnIPPool, type KubeOvnSubnet, type ObjectProblem, wrongField } from '#api';
import { findPrefix, formatIp, formatPrefix, formatRange, has, intersection } from '#ip';
import { detectionProblems } from '../../config/detection.ts';
import { listHolders } from '../list-holders.ts';
import { touches } from './address-span.ts';
import { isOvnProvider } from './is-ovn-provider.ts';
import { readPool } from './pool-members.ts';
import { readSubnet } from './subnet-networks.ts';

/** The objects that an IPPool must agree with. */
export interface IPPoolNeighbours {
  readonly subnets: readonly KubeOvnSubnet[];
  readonly pools: readonly KubeOvnIPPool[];
}

/** What is wrong with an IPPool among others. Those of OVN networks' Subnets are Kube-OVN's own to judge. */
export function validateKubeOvnIPPool(pool: KubeOvnIPPool, others: IPPoolNeighbours): readonly ObjectProblem[] {
  const subnet = others.subnets.find(({ metadata }) => metadata.name === pool.spec.subnet);
  if (subnet === undefined) {
    const missing = wrongField(['spec', 'subnet'], pool.spec.subnet, 'a Subnet that exists');
    return [...readPool(pool).problems, { ...missing, severity: 'warning' }];
  }
  if (isOvnProvider(subnet.spec.provider)) return [];
  return [
    ...readPool(pool).problems,
    ...detectionProblems(pool.metadata),
    ...outsideProblems(pool, subnet),
    ...sharedProblems(pool, others.pools),
  ];
}

/** What is wrong with a change. `claims` are those of the IPPool. */
export function validateKubeOvnIPPoolChange(
  old: KubeOvnIPPool,
  pool: KubeOvnIPPool,
  claims: readonly IPAllocation[],
): readonly ObjectProblem[] {
  const problems: ObjectProblem[] = [];
  if (pool.spec.subnet !== old.spec.subnet) {
    problems.push(wrongField(['spec', 'subnet'], pool.spec.subnet, `${old.spec.subnet}: it is not changeable`));
  }
  const { members } = readPool(pool);
  const lost = claims.filter(({ spec: { address } }) => {
    const ip = findPrefix(address);
    return ip !== undefined && !has(members[ip.family], ip.address);
  });
  if (lost.length > 0) {
    const expected = `the addresses in use to stay: ${listHolders(lost)}`;
    problems.push({ path: ['spec', 'ips'], message: `spec.ips lacks addresses, expected ${expected}` });
  }
  return problems;
}

/** What is wrong with deleting an IPPool. `claims` are those of the IPPool. */
export function validateKubeOvnIPPoolRemoval(
  pool: KubeOvnIPPool,
  claims: readonly IPAllocation[],
): readonly ObjectProblem[] {
  if (claims.length === 0) return [];
  const message = `IPPool ${pool.metadata.name} is deleted, expected that none of its addresses is in use: ${listHolders(claims)}`;
  return [{ path: [], message }];
}

/** What the Subnet does not have is never handed out, which Kube-OVN allows; its gateway alone cannot be meant. */
function outsideProblems(pool: KubeOvnIPPool, subnet: KubeOvnSubnet): readonly ObjectProblem[] {
  const { networks } = readSubnet(subnet);
  if (networks.length === 0) return [];
  return readPool(pool).spans.flatMap((span, index): readonly ObjectProblem[] => {
    if (span === undefined) return [];
    const path = ['spec', 'ips', index];
    const text = pool.spec.ips[index];
    const network = networks.find(({ prefix }) => touches(prefix, span));
    if (network === undefined) {
      const cidrs = networks.map(({ prefix }) => formatPrefix(prefix)).join(' or ');
      const expected = `addresses of Subnet ${subnet.metadata.name} (${cidrs}): it does nothing`;
      return [{ ...wrongField(path, text, expected), severity: 'warning' }];
    }
    if (span.first !== span.last || span.first !== network.gateway) return [];
    return [wrongField(path, text, `addresses without the gateway of Subnet ${subnet.metadata.name}`)];
  });
}

function sharedProblems(pool: KubeOvnIPPool, others: readonly KubeOvnIPPool[]): readonly ObjectProblem[] {
  const own = readPool(pool).members;
  return others.flatMap(other => {
    if (other.metadata.name === pool.metadata.name || other.spec.subnet !== pool.spec.subnet) return [];
    const theirs = readPool(other).members;
    const families = [4, 6] as const;
    const shared = families.flatMap(family =>
      intersection(own[family], theirs[family]).map(range => ({ ...range, family })),
    );
    const [first] = shared;
    if (first === undefined) return [];
    const text =
      first.first === first.last ? formatIp({ family: first.family, value: first.first }) : formatRange(first);
    return [
      wrongField(['spec', 'ips'], pool.spec.ips, `addresses of its own: IPPool ${other.metadata.name} has ${text} too`),
    ];
  });
}
