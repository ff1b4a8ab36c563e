import type { IPAllocation } from '#api';

/** As many as a message names. */
export const NAMED_HOLDERS = 3;

/** For messages: the first of those who hold addresses, and how many more there are. */
export function listHolders(claims: readonly IPAllocation[]): string {
  const holders = claims.slice(0, NAMED_HOLDERS).map(claim => `${heldAddress(claim)} by ${holderOf(claim)}`);
  const more = claims.length > NAMED_HOLDERS ? ` and ${claims.length - NAMED_HOLDERS} more` : '';
  return `${holders.join(', ')}${more}`;
}

/** Without prefix length. */
export function heldAddress({ spec: { address } }: IPAllocation): string {
  return address.split('/')[0] ?? address;
}

/** `Pod shop/web-0` */
export function holderOf({ spec: { owner } }: IPAllocation): string {
  if (owner.podName === undefined) return `container ${owner.containerId ?? 'unknown'}`;
  return `Pod ${owner.podNamespace ?? 'default'}/${owner.podName}`;
}
