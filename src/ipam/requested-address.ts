import type { ClaimOwner } from '#api';
import { findIp, findPrefix, has } from '#ip';
import { formatOwner } from './claim-owner.ts';
import type { Pool } from './claim-store.ts';
import { IpamError } from './errors.ts';

/**
 * Reads an address that a pod asked for, with or without the pool's prefix length.
 * @throws IpamError ADDRESS_OUTSIDE_POOL when the pool does not hand it out
 */
export function parseRequested(pool: Pool, text: string, owner: ClaimOwner): bigint {
  const prefix = findPrefix(text);
  const ip = prefix === undefined ? findIp(text) : { family: prefix.family, value: prefix.address };
  const isLengthRight = prefix === undefined || prefix.length === pool.prefixLength;
  if (ip?.family === pool.family && isLengthRight && has(pool.usable, ip.value)) return ip.value;
  throw new IpamError(
    'ADDRESS_OUTSIDE_POOL',
    `Cannot take "${text}" for ${formatOwner(owner)}: expected a free address of range ${pool.text}, not its gateway, network or broadcast address nor an excluded one`,
    { details: { address: text, range: pool.text } },
  );
}
