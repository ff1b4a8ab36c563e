import {
  type IPAllocation,
  type KubeOvnSubnet,
  type NetworkAttachmentDefinition,
  type ObjectProblem,
  wrongField,
} from '#api';
import { contains, findPrefix, formatPrefix, has } from '#ip';
import { detectionProblems } from '../../config/detection.ts';
import { listHolders } from '../list-holders.ts';
import { isOvnProvider } from './is-ovn-provider.ts';
import { readSubnet, type SubnetNetwork } from './subnet-networks.ts';

/** The objects that a Subnet must agree with. */
export interface SubnetNeighbours {
  readonly subnets: readonly KubeOvnSubnet[];
  /** By their annotation they say where addresses must be unique. */
  readonly networks: readonly NetworkAttachmentDefinition[];
}

/** What is wrong with a Subnet among others. Those of OVN networks are Kube-OVN's own to judge. */
export function validateKubeOvnSubnet(subnet: KubeOvnSubnet, others: SubnetNeighbours): readonly ObjectProblem[] {
  if (isOvnProvider(subnet.spec.provider)) return [];
  const { networks, problems } = readSubnet(subnet);
  return [...problems, ...detectionProblems(subnet.metadata), ...overlaps(subnet, networks, others)];
}

/** What is wrong with a change. `claims` are those of the Subnet. */
export function validateKubeOvnSubnetChange(
  old: KubeOvnSubnet,
  subnet: KubeOvnSubnet,
  claims: readonly IPAllocation[],
): readonly ObjectProblem[] {
  if (claims.length === 0 || isOvnProvider(old.spec.provider)) return [];
  const problems: ObjectProblem[] = [];
  if (subnet.spec.provider !== old.spec.provider) {
    const expected = `${old.spec.provider} as long as addresses are in use: ${listHolders(claims)}`;
    problems.push(wrongField(['spec', 'provider'], subnet.spec.provider, expected));
  }
  const reading = readSubnet(subnet);
  if (reading.networks.length === 0) return problems;
  const lost = claims.filter(({ spec: { address } }) => {
    const ip = findPrefix(address);
    return (
      ip !== undefined && !reading.networks.some(({ family, hosts }) => family === ip.family && has(hosts, ip.address))
    );
  });
  if (lost.length === 0) return problems;
  // A gateway that is some pod's address, or a network that has it no longer.
  const field = isSameText(subnet.spec.cidrBlock, old.spec.cidrBlock) ? 'gateway' : 'cidrBlock';
  const expected = `one that leaves the addresses in use to their holders: ${listHolders(lost)}`;
  return [...problems, wrongField(['spec', field], subnet.spec[field], expected)];
}

/** What is wrong with deleting a Subnet. `claims` are those of the Subnet. */
export function validateKubeOvnSubnetRemoval(
  subnet: KubeOvnSubnet,
  claims: readonly IPAllocation[],
): readonly ObjectProblem[] {
  if (claims.length === 0 || isOvnProvider(subnet.spec.provider)) return [];
  const message = `Subnet ${subnet.metadata.name} is deleted, expected that none of its addresses is in use: ${listHolders(claims)}`;
  return [{ path: [], message }];
}

/** Claims would keep an address from being given twice; that two Subnets share some is a slip all the same. */
function overlaps(
  subnet: KubeOvnSubnet,
  own: readonly SubnetNetwork[],
  { subnets, networks }: SubnetNeighbours,
): readonly ObjectProblem[] {
  const scope = scopeOf(subnet, networks);
  return subnets.flatMap(other => {
    if (other.metadata.name === subnet.metadata.name || isOvnProvider(other.spec.provider)) return [];
    if (scopeOf(other, networks) !== scope) return [];
    const theirs = readSubnet(other).networks;
    const both = own.flatMap(({ prefix }) =>
      theirs.filter(network => contains(prefix, network.prefix) || contains(network.prefix, prefix)),
    );
    return both.slice(0, 1).map(({ prefix }) => {
      const expected = `a network of its own: Subnet ${other.metadata.name} has ${formatPrefix(prefix)}. Networks that never meet say so by different underlane.io/scope annotations`;
      return wrongField(['spec', 'cidrBlock'], subnet.spec.cidrBlock, expected);
    });
  });
}

/** Where the addresses of a Subnet must be unique, as its provider's network says. */
function scopeOf({ spec }: KubeOvnSubnet, networks: readonly NetworkAttachmentDefinition[]): string | undefined {
  const network = networks.find(({ metadata }) => `${metadata.name}.${metadata.namespace}` === spec.provider);
  return network?.metadata.annotations?.['underlane.io/scope'];
}

function isSameText(a: string | undefined, b: string | undefined): boolean {
  return (a ?? '') === (b ?? '');
}
