import { type IPAllocation, KUBE_OVN_SUBNETS } from '#api';

/** Where a claim of Kube-OVN's dialect shows. */
export interface ClaimPlace {
  readonly subnet: string;
  readonly namespace: string;
  /** The pod's name. */
  readonly pod: string;
  /** The pod's name, or that of its virtual machine, which keeps its addresses. */
  readonly holder: string;
  /** Whether `holder` is a virtual machine. */
  readonly isMachine: boolean;
  readonly provider: string;
  readonly interface: string;
}

/** The Subnet that a claim's address is of; undefined for a claim of another dialect. */
export function subnetOf({ spec: { pool } }: IPAllocation): string | undefined {
  return pool.dialect === 'kube-ovn' && pool.kind === KUBE_OVN_SUBNETS.kind ? pool.name : undefined;
}

/** undefined for a claim of another dialect, and for one that is no pod's. */
export function placeOf(claim: IPAllocation): ClaimPlace | undefined {
  const { owner } = claim.spec;
  const subnet = subnetOf(claim);
  const { podNamespace: namespace = 'default', podName, workload } = owner;
  if (subnet === undefined || podName === undefined) return undefined;
  const [network = '', name] = owner.network.split('/');
  const isMachine = workload !== undefined && workload.kind !== 'StatefulSet';
  return {
    subnet,
    namespace,
    pod: podName,
    holder: isMachine ? workload.name : podName,
    isMachine,
    provider: name === undefined ? network : `${name}.${network}`,
    interface: owner.interface,
  };
}

/** The addresses of an interface without prefix lengths, IPv4 first, and each family's by itself. */
export interface ShownAddresses {
  readonly v4: string;
  readonly v6: string;
  /** Both, comma-separated. */
  readonly both: string;
}

/** Of the claims of one interface; of several addresses of a family, the first slot's. */
export function addressesOf(claims: readonly IPAllocation[]): ShownAddresses {
  const texts = claims
    .toSorted((a, b) => a.spec.owner.slot - b.spec.owner.slot)
    .map(({ spec }) => spec.address.split('/')[0] ?? '');
  const v4 = texts.find(text => !text.includes(':')) ?? '';
  const v6 = texts.find(text => text.includes(':')) ?? '';
  return { v4, v6, both: [v4, v6].filter(text => text !== '').join(',') };
}
