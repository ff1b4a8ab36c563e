import type { Clock } from '#base';
import { count } from '#ip';
import { candidates } from './candidates.ts';
import type { Attempt } from './claim-access.ts';
import { formatOwner, ownerKey } from './claim-owner.ts';
import type { ClaimRequest } from './claim-store.ts';
import { IpamError } from './errors.ts';

/** What choosing an address needs of the store. */
export interface ChoiceSources {
  /** Addresses of the pool's scope that this process knows to be held. */
  readonly known: ReadonlySet<bigint>;
  /** Released lately, least recently first. */
  readonly cooling: ReadonlySet<bigint>;
  /** Whether another take of this process is trying this address now: racing against ourselves only costs calls. */
  isTrying(value: bigint): boolean;
  attempt(value: bigint): Promise<Attempt>;
  /** Asks which addresses are held: by claims of this pool, or by any claim of the scope. */
  survey(extent: 'pool' | 'scope'): Promise<ReadonlySet<bigint>>;
}

/** So many names are tried before asking which ones are held: with half of a pool held, one take in 256 has to ask. */
const BLIND_ATTEMPTS = 8;
/** Together 2 s: a full pool whose claims are being released just now is worth waiting for. */
const EXHAUSTED_PAUSES_MS = [250, 500, 500, 750];

/**
 * Holds the first address that nobody else holds. Ends: what is tried after a survey is free in it, so losing it again
 * means that somebody else got on; and finding nothing to try costs one of the pauses.
 * @throws IpamError POOL_EXHAUSTED
 */
export async function takeAny(
  { pool, owner }: ClaimRequest,
  sources: ChoiceSources,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<Attempt & { readonly kind: 'held' }> {
  const pauses = EXHAUSTED_PAUSES_MS.values();
  let taken = new Set(sources.known);
  let extent: 'pool' | 'scope' = 'pool';
  for (;;) {
    const lost: bigint[] = [];
    for (const value of candidates(pool, ownerKey(owner), { taken, cooling: sources.cooling })) {
      if (sources.isTrying(value)) continue;
      if (lost.length === BLIND_ATTEMPTS) break;
      const attempt = await sources.attempt(value);
      if (attempt.kind === 'held') return attempt;
      lost.push(value);
      taken.add(value);
    }
    if (lost.length === 0) {
      const { value: pauseMs } = pauses.next();
      if (pauseMs === undefined) break;
      await clock.sleep(pauseMs, signal);
    }
    taken = new Set(await sources.survey(extent));
    // What was lost and is not in the pool's own list belongs to another pool of the scope that overlaps this one.
    if (extent === 'pool' && lost.some(value => !taken.has(value))) {
      extent = 'scope';
      taken = new Set(await sources.survey(extent));
    }
  }
  throw new IpamError(
    'POOL_EXHAUSTED',
    `Cannot take an address of range ${pool.text} for ${formatOwner(owner)}: none of its ${count(pool.usable)} usable addresses is free`,
    { retriable: true, details: { range: pool.text, scope: pool.scope, pool: pool.ref.name } },
  );
}
