import { IP_ALLOCATIONS, type IPAllocation, type NetworkAttachmentDefinition, type ObjectProblem } from '#api';
import { has } from '#ip';
import { type Pool, parseClaimName } from '#ipam';
import type { KnownObjects } from './known-objects.ts';
import { rangesOfDefinition } from './ranges-of-definition.ts';

/** What a change of a network means for the pods that it has given addresses to: they keep them, and the next ones get others. */
export function checkDefinitionChange(
  nad: NetworkAttachmentDefinition,
  old: NetworkAttachmentDefinition,
  known: KnownObjects,
): readonly ObjectProblem[] {
  const [before, after] = [rangesOfDefinition(old), rangesOfDefinition(nad)];
  if (before.length === 0) return [];
  const { namespace, name } = nad.metadata;
  const network = namespace === undefined ? name : `${namespace}/${name}`;
  const left = known.list(IP_ALLOCATIONS).filter(claim => {
    return claim.spec.owner.network === network && isOf(before, claim) && !isOf(after, claim);
  });
  if (left.length === 0) return [];
  const holders = left.slice(0, SHOWN).map(({ spec: { address, owner } }) => {
    const { podNamespace = 'default', podName } = owner;
    return podName === undefined ? address : `${address} of Pod ${podNamespace}/${podName}`;
  });
  const more = left.length > SHOWN ? ` and ${left.length - SHOWN} more` : '';
  const message = `spec.config no longer hands out ${holders.join(', ')}${more}: they stay with their pods until those end`;
  return [{ path: ['spec', 'config'], message, severity: 'warning' }];
}

/** As many users of addresses as a message names. */
const SHOWN = 3;

function isOf(pools: readonly Pool[], { metadata }: IPAllocation): boolean {
  const parsed = parseClaimName(metadata.name);
  if (parsed === undefined) return false;
  const { scope, ip } = parsed;
  return pools.some(pool => pool.scope === scope && pool.family === ip.family && has(pool.usable, ip.value));
}
