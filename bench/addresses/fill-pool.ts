import type { IPAllocation } from '#api';
import { count, indexByRank } from '#ip';
import { toIPAllocation } from '../../src/ipam/store/claim-object.ts';
import { ownerOf, poolOf } from './pool-of.ts';

/** Claims of a pool, all over it, of so many nodes' pods. */
export interface Fill {
  readonly range: string;
  readonly claims: number;
  readonly nodes: number;
}

/** Has no factor in common with the size of any pool here: no address comes twice. */
const STRIDE = 0x9e3779b97f4a7c15n;

/** The claims as a server keeps them, which is where they are put: by requests it would take minutes. */
export function* claimsOf({ range, claims, nodes }: Fill): Generator<IPAllocation> {
  const pool = poolOf(range);
  const { at } = indexByRank(pool.usable);
  const size = count(pool.usable);
  for (let index = 0; index < claims; index++) {
    const value = at((BigInt(index) * STRIDE) % size);
    const object = toIPAllocation(pool, value, { owner: ownerOf('fill', index), node: `n${index % nodes}` });
    yield {
      ...object,
      metadata: {
        ...object.metadata,
        uid: `filled-${String(index).padStart(28, '0')}`,
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
    };
  }
}
