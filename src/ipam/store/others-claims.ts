import type { Clock, Log } from '#base';
import { findIp } from '#ip';
import type { KubeClient } from '#kube';
import { addressAlone, poolLabel } from './claim-object.ts';
import type { Pool, SurveyExtent } from './claim-store.ts';
import type { KnownClaims } from './known-claims.ts';
import { createLearntClaims, type LearntClaims } from './learnt-claims.ts';
import { surveyTaken, type TakenByFamily } from './pool-survey.ts';

/** What a store knows, beside the claims that it sees, of those that it does not see. */
export interface OthersClaims {
  /** What was learnt of a pool's addresses; undefined where the store sees all claims. */
  learntOf(pool: Pool): LearntClaims | undefined;
  /** Asks which addresses of a pool are held, for all who wait for it, whoever of them gives up. */
  learn(pool: Pool, extent: SurveyExtent): Promise<void>;
  /** As the store's. */
  isTaken(wanted: { readonly pools: readonly Pool[]; readonly address?: string }): boolean;
  /** As the store's. */
  survey(pools: readonly Pool[], extent: SurveyExtent): Promise<void>;
}

export interface OthersClaimsOptions {
  readonly client: KubeClient;
  readonly known: KnownClaims;
  /** Whether `known` are all claims at this moment. */
  seesAll(): boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Nothing learnt yet. Kept for as long as the process: there are few pools, and what is learnt is forgotten. */
export function createOthersClaims({ client, known, seesAll, clock, log }: OthersClaimsOptions): OthersClaims {
  const learnt = new Map<string, LearntClaims>();

  function learntOf(pool: Pool): LearntClaims | undefined {
    if (seesAll()) return undefined;
    const key = keyOf(pool);
    const own = learnt.get(key) ?? createLearntClaims(clock);
    learnt.set(key, own);
    return own;
  }

  function list(pool: Pool, extent: SurveyExtent, notOlderThan: string): Promise<TakenByFamily> {
    log.info({ pool: pool.ref.name, scope: pool.scope, extent }, 'Listing claims to find a free address');
    return surveyTaken(client, pool, extent, notOlderThan);
  }

  /** Where our own are nobody else is at work. */
  async function learn(pool: Pool, listed: (notOlderThan: string) => Promise<TakenByFamily>): Promise<void> {
    const ours = known.taken(pool.scope, pool.family);
    await learntOf(pool)?.ask(async notOlderThan =>
      (await listed(notOlderThan))[pool.family].filter(({ value }) => !ours.has(value)),
    );
  }

  return {
    learntOf,
    learn: (pool, extent) => learn(pool, notOlderThan => list(pool, extent, notOlderThan)),
    isTaken({ pools, address }) {
      const ip = address === undefined ? undefined : findIp(addressAlone(address));
      return pools.some(
        pool =>
          pool.family === ip?.family &&
          (known.taken(pool.scope, ip.family).has(ip.value) || learntOf(pool)?.taken.has(ip.value) === true),
      );
    },
    async survey(pools, extent) {
      const lists = new Map<string, Promise<TakenByFamily>>();
      const one = new Map(pools.map(pool => [keyOf(pool), pool]));
      await Promise.all(
        [...one.values()].map(pool =>
          learn(pool, notOlderThan => {
            const label = poolLabel(pool.scope, pool.ref);
            const listed = lists.get(label) ?? list(pool, extent, notOlderThan);
            lists.set(label, listed);
            return listed;
          }),
        ),
      );
    },
  };
}

/** One pool may have addresses of both families. */
function keyOf({ scope, ref, family }: Pool): string {
  return `${poolLabel(scope, ref)} ${family}`;
}
