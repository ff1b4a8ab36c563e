import type { ClaimOwner } from '#api';
import { findIp, findPrefix, has } from '#ip';
import { IpamError } from '../errors.ts';
import { formatOwner } from './claim-owner.ts';
import type { Pool } from './claim-store.ts';

/** An address that a pod asked for, in the pool that has it. */
export interface RequestedAddress {
  readonly pool: Pool;
  readonly value: bigint;
  /** Nobody gets it any more: it is only for whoever has it already. */
  readonly isKept: boolean;
}

/**
 * Reads an address that a pod asked for, with or without its pool's prefix length, and finds the pool that has it.
 * @throws IpamError ADDRESS_OUTSIDE_POOL when none hands it out
 */
export function parseRequested(pools: readonly Pool[], text: string, owner: ClaimOwner): RequestedAddress {
  const prefix = findPrefix(text);
  const ip = prefix === undefined ? findIp(text) : { family: prefix.family, value: prefix.address };
  const fitting = pools.filter(
    ({ family, prefixLength }) => ip?.family === family && (prefix === undefined || prefix.length === prefixLength),
  );
  const value = ip?.value ?? 0n;
  const open = fitting.find(({ usable, fixable = [] }) => has(usable, value) || has(fixable, value));
  const pool = open ?? fitting.find(({ kept = [] }) => has(kept, value));
  if (pool === undefined) throw outsidePools(pools, text, owner);
  return { pool, value, isKept: open === undefined };
}

/** For an address that none of the pools hands out. */
export function outsidePools(pools: readonly Pool[], text: string, owner: ClaimOwner): IpamError {
  const ranges = pools.map(pool => pool.text).join(' or ');
  return new IpamError(
    'ADDRESS_OUTSIDE_POOL',
    `Cannot take "${text}" for ${formatOwner(owner)}: expected a free address of range ${ranges}, not its gateway, network or broadcast address nor an excluded one`,
    { details: { address: text, range: ranges } },
  );
}
