/** Claims as stores make them, for the tests of this folder. */
import type { ClaimOwner, IPAllocation, PoolReference } from '#api';
import { parsePrefix } from '#ip';
import { claimName } from '#ipam';

export interface ClaimText {
  /** With prefix length. */
  readonly address: string;
  readonly pool: PoolReference;
  /** `namespace/name`. */
  readonly pod?: string;
  readonly interface?: string;
  readonly scope?: string;
  readonly node?: string;
  readonly gateway?: string;
  readonly owner?: Partial<ClaimOwner>;
  /** MAC of whoever else has it: then it is no pod's. */
  readonly quarantine?: string;
}

/** A claim of a pod whose uid goes with its name. */
export function claimOf(text: ClaimText): IPAllocation {
  const { address, pool, pod = 'default/a', scope = 'default', node = 'n1', gateway } = text;
  const [podNamespace = '', podName = ''] = pod.split('/');
  const { family, address: value } = parsePrefix(address);
  const owner = {
    ...{ podNamespace, podName, podUid: `uid-of-${podName}`, network: 'default/lan', slot: 0 },
    interface: text.interface ?? 'net1',
    ...text.owner,
  };
  const metadata = { name: claimName(scope, { family, value }) };
  const common = { address, pool, node, ...(gateway === undefined ? {} : { gateway }) };
  if (text.quarantine === undefined) return { metadata, spec: { ...common, owner, policy: 'Ephemeral' } };
  const { network, interface: ifname, slot } = owner;
  const quarantine = { mac: text.quarantine, until: '2026-11-21T18:00:00Z' };
  const nobody = { network, interface: ifname, slot };
  return { metadata, spec: { ...common, owner: nobody, policy: 'Quarantine', quarantine } };
}

/** The pool that Whereabouts calls by this name. */
export function whereaboutsPool(name: string): PoolReference {
  return { dialect: 'whereabouts', kind: 'IPPool', name };
}
