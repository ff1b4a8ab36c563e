import { type IPAllocation, type ObjectProblem, wrongField } from '#api';
import { findIp, findPrefix } from '#ip';
import { claimName, parseClaimName } from '#ipam';

/** What is wrong with a claim: its name is the lock, so it has to be that of its address. */
export function claimProblems({ metadata, spec }: IPAllocation): readonly ObjectProblem[] {
  const address = findPrefix(spec.address);
  if (address === undefined) {
    return [wrongField(['spec', 'address'], spec.address, 'an address with prefix length like 172.18.30.131/16')];
  }
  const own = { family: address.family, value: address.address };
  const named = parseClaimName(metadata.name);
  const gateway = spec.gateway === undefined ? undefined : findIp(spec.gateway);
  return [
    ...(named?.ip.family === own.family && named.ip.value === own.value
      ? []
      : [
          wrongField(
            ['metadata', 'name'],
            metadata.name,
            `the scope and spec.address, such as "${claimName(named?.scope ?? 'default', own)}"`,
          ),
        ]),
    ...(spec.gateway === undefined || gateway?.family === address.family
      ? []
      : [wrongField(['spec', 'gateway'], spec.gateway, 'an address of the same family as spec.address')]),
    ...ownerProblems(spec),
  ];
}

function ownerProblems({ owner, policy }: IPAllocation['spec']): readonly ObjectProblem[] {
  if (policy === 'Quarantine') return [];
  const keeper = owner.ipamClaim ?? owner.workload;
  if (policy === 'Sticky' && keeper === undefined) {
    return [wrongField(['spec', 'policy'], policy, '"Ephemeral", without an ipamClaim or a workload in spec.owner')];
  }
  if (owner.podUid !== undefined || owner.containerId !== undefined || keeper !== undefined) return [];
  return [wrongField(['spec', 'owner', 'podUid'], undefined, "a pod's UID, or a containerId beside it")];
}

/** What never changes of a claim; another address is another claim. */
export function claimChangeProblems({ spec }: IPAllocation, old: IPAllocation): readonly ObjectProblem[] {
  if (spec.address === old.spec.address) return [];
  return [wrongField(['spec', 'address'], spec.address, `"${old.spec.address}": it does not change`)];
}
