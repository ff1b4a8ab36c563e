import type { ClaimOwner } from '#api';
import { findIp, findPrefix, has } from '#ip';
import { formatOwner } from './claim-owner.ts';
import type { Pool } from './claim-store.ts';
import { IpamError } from './errors.ts';

/**
 * Reads an address that a pod asked for, with or without its pool's prefix length, and finds the pool that has it.
 * @throws IpamError ADDRESS_OUTSIDE_POOL when none hands it out
 */
export function parseRequested(
  pools: readonly Pool[],
  text: string,
  owner: ClaimOwner,
): { readonly pool: Pool; readonly value: bigint } {
  const prefix = findPrefix(text);
  const ip = prefix === undefined ? findIp(text) : { family: prefix.family, value: prefix.address };
  for (const pool of pools) {
    const isLengthRight = prefix === undefined || prefix.length === pool.prefixLength;
    const isIn = ip?.family === pool.family && (has(pool.usable, ip.value) || has(pool.fixable ?? [], ip.value));
    if (ip !== undefined && isLengthRight && isIn) return { pool, value: ip.value };
  }
  const ranges = pools.map(pool => pool.text).join(' or ');
  throw new IpamError(
    'ADDRESS_OUTSIDE_POOL',
    `Cannot take "${text}" for ${formatOwner(owner)}: expected a free address of range ${ranges}, not its gateway, network or broadcast address nor an excluded one`,
    { details: { address: text, range: ranges } },
  );
}
