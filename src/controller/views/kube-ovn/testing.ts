/** Claims and Subnets of Kube-OVN's dialect, for the tests of this folder. */
import type { IPAllocation, KubeOvnSubnet, KubeOvnSubnetSpec } from '#api';
import { type ClaimText, claimOf } from '../testing.ts';
import { followSubnetUse, type SubnetUse } from './subnet-use.ts';

/** A claim of the network default/macvlan on an address of the Subnet "macvlan". */
export function macvlanClaim(address: string, text: Partial<ClaimText> = {}): IPAllocation {
  return claimOf({
    address,
    pool: { dialect: 'kube-ovn', kind: 'Subnet', name: 'macvlan' },
    ...text,
    owner: { network: 'default/macvlan', slot: address.includes(':') ? 1 : 0, ...text.owner },
  });
}

/** The Subnet "macvlan" with everything in it that may be left out. */
export function macvlanSubnet(spec: KubeOvnSubnetSpec = {}): KubeOvnSubnet {
  return {
    metadata: { name: 'macvlan' },
    spec: {
      provider: 'macvlan.default',
      protocol: 'IPv4',
      cidrBlock: '172.17.0.0/24',
      gateway: '172.17.0.1',
      excludeIps: ['172.17.0.1..172.17.0.10'],
      ...spec,
    },
  };
}

/** What these claims hold. */
export function useOf(claims: readonly IPAllocation[]): SubnetUse {
  return followSubnetUse({ list: () => claims, subscribe: () => () => undefined }, AbortSignal.abort());
}
