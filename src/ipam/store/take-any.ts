import type { ClaimOwner, IPAllocation } from '#api';
import type { Clock } from '#base';
import { count, createGrowingSet } from '#ip';
import { IpamError } from '../errors.ts';
import { candidates, type TakenAddresses } from './candidates.ts';
import type { Attempt } from './claim-access.ts';
import { poolLabel } from './claim-object.ts';
import { formatOwner, ownerKey } from './claim-owner.ts';
import type { ChoiceOrder, ClaimRequest, Pool, SurveyExtent } from './claim-store.ts';
import type { LearntClaims } from './learnt-claims.ts';
import { isSmallPool } from './pool-survey.ts';

/** What choosing an address needs of the store. */
export interface ChoiceSources {
  readonly order: ChoiceOrder;
  /** Addresses of the pool's scope that this process knows to be held. */
  readonly known: TakenAddresses;
  /** What this process has learnt of the pool's others; undefined where `known` are all, but for the last moment's. */
  readonly learnt: LearntClaims | undefined;
  /** Released lately, least recently first. */
  readonly cooling: ReadonlySet<bigint>;
  /** Whether another take of this process is trying this address now: racing against ourselves only costs calls. */
  isTrying(value: bigint): boolean;
  /** Waits until few enough others of this process choose: what they find is known then. */
  inTurn<T>(choose: () => Promise<T>): Promise<T>;
  attempt(value: bigint): Promise<Attempt>;
  /** Asks which addresses others hold, and puts the answer into `learnt`. */
  learn(extent: SurveyExtent): Promise<void>;
}

/** Pools that had no address left a moment ago: others are asked first. */
export interface FullPools {
  has(pool: Pool): boolean;
  note(pool: Pool): void;
}

export type Taken = Attempt & { readonly kind: 'held' } & { readonly pool: Pool };

/** So many names are tried before asking which ones are held: with half of a pool held, one take in 256 has to ask. */
const BLIND_ATTEMPTS = 8;
/** Asking for the claims of a small pool costs less than losing often. */
const BLIND_ATTEMPTS_OF_SMALL = 2;
/** Together 2 s: a full pool whose claims are being released just now is worth waiting for. */
const EXHAUSTED_PAUSES_MS = [250, 500, 500, 750];
/** What people look for in logs, by the dialect that they know it from. */
const EXHAUSTED_WORDS: Readonly<Record<string, string>> = {
  spiderpool: 'all IP addresses used out',
  whereabouts: 'Could not allocate IP in range',
};

/**
 * Holds the first address of the first pool that has one which nobody else holds. Ends: what is tried after a survey is
 * free in it, so losing it again means that somebody else got on; and finding nothing to try costs one of the pauses.
 * @throws IpamError POOL_EXHAUSTED; POOL_NOT_FOR_POD where all pools are closed
 */
export async function takeAny(
  { pools: all, owner, node, closed }: ClaimRequest,
  sourcesOf: (pool: Pool) => ChoiceSources,
  full: FullPools,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<Taken> {
  const pools = closed === undefined ? all : all.filter(({ usable }) => usable.length > 0);
  if (closed !== undefined && pools.length === 0) {
    throw new IpamError('POOL_NOT_FOR_POD', `Cannot take an address for ${formatOwner(owner)}: ${closed}`, {
      retriable: true,
    });
  }
  for (const pauseMs of [0, ...EXHAUSTED_PAUSES_MS]) {
    if (pauseMs > 0) await clock.sleep(pauseMs, signal);
    /** Of which it was asked in this round what is held: a list that goes down is many pools of one label. */
    const asked = new Set<string>();
    for (const pool of pools) {
      if (pauseMs === 0 && pool !== pools.at(-1) && full.has(pool)) continue;
      const held = await takeFrom(
        pool,
        { owner: ownerKey(owner), ...(movesAbout(owner) ? {} : { node }) },
        sourcesOf(pool),
        asked,
      );
      if (held !== undefined) return { ...held, pool };
      full.note(pool);
    }
  }
  const ranges = [...new Set(pools.map(({ text }) => text))].join(' or ');
  const known = EXHAUSTED_WORDS[pools[0]?.ref.dialect ?? ''];
  const words = known === undefined ? '' : `${known}, `;
  const total = pools.reduce((sum, { usable }) => sum + count(usable), 0n);
  throw new IpamError(
    'POOL_EXHAUSTED',
    `Cannot take an address of range ${ranges} for ${formatOwner(owner)}: ${words}none of its ${total} usable addresses is free${closed === undefined ? '' : `; ${closed}`}`,
    { retriable: true, details: { ranges, pools: pools.map(({ ref }) => ref.name), scope: pools[0]?.scope } },
  );
}

/** @returns undefined when the pool has none left */
async function takeFrom(
  pool: Pool,
  asker: { readonly owner: string; readonly node?: string },
  { order, known, learnt, cooling, isTrying, inTurn, attempt, learn }: ChoiceSources,
  asked: Set<string>,
): Promise<(Attempt & { readonly kind: 'held' }) | undefined> {
  /** What is lost on the way to others of whom the watch will tell. */
  const losses = createGrowingSet();
  const knowledge = { taken: either(known, learnt?.taken ?? losses), cooling };
  const isSmall = isSmallPool(pool);
  const patience = isSmall ? BLIND_ATTEMPTS_OF_SMALL : BLIND_ATTEMPTS;
  const attemptNext = (next: Generator<bigint, void>): Promise<Tried | undefined> =>
    inTurn(async () => {
      let value = next.next().value;
      while (value !== undefined && isTrying(value)) value = next.next().value;
      return value === undefined ? undefined : { value, outcome: await attempt(value) };
    });
  // Owners that move about must be tried at the same names from everywhere.
  const rivals = asker.node === undefined || learnt === undefined ? {} : { rivals: learnt.rivals };
  const label = poolLabel(pool.scope, pool.ref);
  let extent: SurveyExtent = 'pool';
  for (let isAsked = learnt === undefined || asked.has(label); ; isAsked = true) {
    const lost: bigint[] = [];
    const next = candidates(pool, { node: '', ...asker, ...rivals }, knowledge, order);
    for (let hasMet = false; !hasMet && lost.length < patience; ) {
      const tried = await attemptNext(next);
      if (tried === undefined) break;
      const { value, outcome } = tried;
      if (outcome.kind === 'held') return outcome;
      lost.push(value);
      if (learnt === undefined) losses.add(value);
      else hasMet = noteHolder(learnt, value, outcome.holder) && isSmall;
    }
    if (lost.length === 0 && isAsked) return undefined;
    if (learnt === undefined) continue;
    await learn(extent);
    asked.add(label);
    // What was lost and is not in the pool's own list belongs to another pool of the scope that overlaps this one.
    if (extent === 'pool' && lost.some(value => !learnt.taken.has(value))) {
      extent = 'scope';
      await learn(extent);
    }
  }
}

interface Tried {
  readonly value: bigint;
  readonly outcome: Attempt;
}

/** @returns whether its node was not known to take addresses of the pool: where else it does is worth asking */
export function noteHolder(learnt: LearntClaims, value: bigint, { metadata, spec: { node } }: IPAllocation): boolean {
  const hasMet = !learnt.rivals().has(node);
  learnt.note({ value, node }, metadata.resourceVersion);
  return hasMet;
}

function either(a: TakenAddresses, b: TakenAddresses): TakenAddresses {
  return {
    has: value => a.has(value) || b.has(value),
    firstFree(set, from) {
      let value = a.firstFree(set, from);
      while (value !== undefined && b.has(value)) value = a.firstFree(set, value + 1n);
      return value;
    },
  };
}

/** Whether pods of several nodes may be this owner: they must meet on one name, so none may begin where others do not. */
function movesAbout({ ipamClaim, workload }: ClaimOwner): boolean {
  return ipamClaim !== undefined || workload !== undefined;
}
