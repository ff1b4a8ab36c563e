import type { PoolCatalog } from '../../catalog/pool-catalog.ts';
import { IpamError } from '../../errors.ts';
import type { Pool } from '../../store/claim-store.ts';
import type { Wish } from '../../wishes/wishes.ts';
import type { Candidates } from './find-candidates.ts';
import { type Asker, judgePool } from './judge-pool.ts';
import { someOf } from './some-of.ts';
import { type PoolUse, toPool } from './to-pool.ts';
import { readPool } from './validate-ip-pool.ts';

/** What is the same for all candidates of one interface. */
export interface OpeningTerms {
  readonly use: Omit<PoolUse, 'isClosed'>;
  readonly asker: Asker;
  readonly catalog: Pick<PoolCatalog, 'read'>;
  /** For errors: `network "default/lan"`. */
  readonly source: string;
}

/**
 * The candidates as pools to take from, those made for the asker first, else in the user's order. One that is not for the asker is closed
 * and comes last: who has an address of it from before keeps it.
 * @throws IpamError NO_POOL where none of the names is a pool's, BAD_POOL where none can be read
 */
export function openPools(candidates: Candidates, terms: OpeningTerms): Wish {
  const reasons = candidates.missing.map(({ name, reason }) => `${name}: ${reason}`);
  const open: { readonly pool: Pool; readonly weight: number }[] = [];
  const closed: Pool[] = [];
  for (const pool of candidates.pools) {
    const { problems, addresses } = terms.catalog.read(pool, readPool);
    const judgement = judgePool(pool, candidates.family, terms.asker);
    const [problem] = problems;
    if (problem !== undefined) reasons.push(`${pool.metadata.name}: ${problem.message}`);
    else if ('reason' in judgement) reasons.push(`${pool.metadata.name}: ${judgement.reason}`);
    // Another family's pool has no address that could be kept here.
    if (addresses === undefined || addresses.subnet.family !== candidates.family) continue;
    const isClosed = 'reason' in judgement;
    const own = toPool(pool, addresses, { ...terms.use, isClosed });
    if (!isClosed && own.usable.length === 0) reasons.push(`${pool.metadata.name}: it has no address to give`);
    if (isClosed || own.usable.length === 0) closed.push(own);
    else open.push({ pool: own, weight: judgement.weight });
  }
  const pools = [...open.toSorted((a, b) => b.weight - a.weight).map(({ pool }) => pool), ...closed];
  if (reasons.length === 0) return { pools };
  const names = [...candidates.missing, ...candidates.pools.map(({ metadata }) => metadata)].map(({ name }) => name);
  const why = someOf(reasons, '; ');
  const text =
    open.length === 0
      ? `no IPPool available, all IPv${candidates.family} IPPools [${someOf(names, ', ')}] of ${terms.asker.interface} filtered out: ${why}; named by ${candidates.namedBy}`
      : `other IPPools are filtered out: ${why}`;
  if (pools.length > 0) return { pools, closed: text };
  throw new IpamError(
    candidates.pools.length === 0 ? 'NO_POOL' : codeOfUnreadable(candidates, terms),
    `Cannot take an address for ${terms.source}: ${text}`,
    { retriable: true },
  );
}

/** Pools of the wrong family are not for the pod; others cannot be used by anybody. */
function codeOfUnreadable({ pools }: Candidates, { catalog }: OpeningTerms): 'BAD_POOL' | 'POOL_NOT_FOR_POD' {
  return pools.every(pool => catalog.read(pool, readPool).problems.length > 0) ? 'BAD_POOL' : 'POOL_NOT_FOR_POD';
}
