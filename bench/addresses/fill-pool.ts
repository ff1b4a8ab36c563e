import { IP_ALLOCATIONS } from '#api';
import { count, indexByRank } from '#ip';
import { toIPAllocation } from '../../src/ipam/store/claim-object.ts';
import type { ObjectStore } from '../../src/sandbox/apiserver/mod.ts';
import { ownerOf, poolOf } from './pool-of.ts';

/** Claims of a pool, all over it, of so many nodes' pods. */
export interface Fill {
  readonly range: string;
  readonly claims: number;
  readonly nodes: number;
}

/** Has no factor in common with the size of any pool here: no address comes twice. */
const STRIDE = 0x9e3779b97f4a7c15n;

/** Puts the claims straight into a server's memory: by requests it would take minutes. */
export function fillPool(store: ObjectStore, { range, claims, nodes }: Fill): void {
  const pool = poolOf(range);
  const { at } = indexByRank(pool.usable);
  const size = count(pool.usable);
  for (let index = 0; index < claims; index++) {
    const value = at((BigInt(index) * STRIDE) % size);
    const object = toIPAllocation(pool, value, { owner: ownerOf('fill', index), node: `n${index % nodes}` });
    store.put(`${IP_ALLOCATIONS.group}/${IP_ALLOCATIONS.plural}`, {
      ...object,
      apiVersion: `${IP_ALLOCATIONS.group}/${IP_ALLOCATIONS.version}`,
      kind: IP_ALLOCATIONS.kind,
      metadata: {
        ...object.metadata,
        uid: `filled-${String(index).padStart(28, '0')}`,
        resourceVersion: '',
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
    });
  }
}
