import { type ClaimOwner, IP_ALLOCATIONS, type IPAllocation, POD_LABEL } from '#api';
import { type Clock, codeOf, createKeyedQueue, type Log } from '#base';
import type { KubeClient, WatchCache } from '#kube';
import { IpamError } from '../errors.ts';
import { type Attempt, createClaimAccess } from './claim-access.ts';
import { claimName, parseClaimName } from './claim-name.ts';
import {
  addressAlone,
  isOfPool,
  podLabel,
  poolLabel,
  toClaim,
  toIPAllocation,
  valueInScope,
  withLabels,
} from './claim-object.ts';
import { formatOwner, isSameOwner, ownerKey } from './claim-owner.ts';
import type { Claim, ClaimRequest, ClaimStore, Pool } from './claim-store.ts';
import { createCooling } from './cooling.ts';
import { createKnownClaims } from './known-claims.ts';
import { createOthersClaims } from './others-claims.ts';
import { outsidePools, parseRequested, type RequestedAddress } from './requested-address.ts';
import { type ChoiceSources, type FullPools, noteHolder, takeAny } from './take-any.ts';

export interface ClaimStoreOptions {
  readonly client: KubeClient;
  readonly cache: WatchCache<IPAllocation>;
  /** What the cache holds: `node`, the claims of this node (`labelSelector: NODE_LABEL=labelHash(node)`), or all. */
  readonly sees: 'node' | 'cluster';
  /** How long an address that a stranger answered for is kept from everybody. @default ten minutes */
  readonly quarantineMs?: number;
  readonly clock: Clock;
  readonly log: Log;
}

type Signal = AbortSignal | undefined;

/** How long a pool that had no address left is asked only after the others. */
const FULL_MS = 5_000;

/** Long enough that whoever looks for the stranger finds him. */
const QUARANTINE_MS = 600_000;

/**
 * So many takes choose an address at once where others' claims are learnt of by losing to them: more would lose more before any of
 * them has learnt, and not be done sooner.
 */
const CHOOSING_AT_ONCE = 4;

/** A store of claims. Takes for one owner run one after another, others in parallel. */
export function createClaimStore(options: ClaimStoreOptions): ClaimStore {
  const { client, cache, sees, quarantineMs = QUARANTINE_MS, clock, log } = options;
  const known = createKnownClaims(cache, clock);
  const access = createClaimAccess({ client, known, clock });
  const cooling = createCooling();
  // Most are released by others: a controller's by the agents.
  cache.subscribe(change => {
    if (change.type === 'deleted') cooling.noteReleased(change.object.metadata.name);
  });
  const trying = new Set<string>();
  const owners = createKeyedQueue(Number.POSITIVE_INFINITY);
  const choosing = createKeyedQueue(sees === 'node' ? CHOOSING_AT_ONCE : Number.POSITIVE_INFINITY);
  const full = rememberFull(clock);
  const seesAll = (): boolean => sees === 'cluster' && cache.isFresh;
  const others = createOthersClaims({ client, known, seesAll, clock, log });

  async function take(request: ClaimRequest, signal: Signal): Promise<Claim> {
    const { pools, owner, address } = request;
    const wanted = address === undefined ? undefined : parseRequested(pools, address, owner);
    const held = await findHeld(request, wanted, signal);
    if (held !== undefined) return toClaim(held.object, held.pool, false);
    if (wanted?.isKept === true) throw outsidePools(pools, address ?? '', owner);
    if (wanted !== undefined) {
      const attempt = await tryAddress(request, wanted.pool, wanted.value, signal);
      const learnt = others.learntOf(wanted.pool);
      const isOurs = known.taken(wanted.pool.scope, wanted.pool.family).has(wanted.value);
      if (attempt.kind === 'taken' && learnt !== undefined && !isOurs) noteHolder(learnt, wanted.value, attempt.holder);
      return takeExactly(request, wanted.pool, attempt);
    }
    try {
      const taken = await takeAny(request, pool => sourcesOf(request, pool, signal), full, clock, signal);
      return toClaim(taken.object, taken.pool, taken.isNew);
    } catch (error) {
      // Whoever else takes addresses for this owner may have got the last one.
      const late = codeOf(error) === 'POOL_EXHAUSTED' ? await findHeld(request, undefined, signal) : undefined;
      if (late === undefined) throw error;
      return toClaim(late.object, late.pool, false);
    }
  }

  function sourcesOf(request: ClaimRequest, pool: Pool, signal: Signal): ChoiceSources {
    return {
      order: sees === 'cluster' ? (pool.order ?? 'spread') : 'spread',
      known: known.taken(pool.scope, pool.family),
      learnt: others.learntOf(pool),
      cooling: cooling.of(pool.scope, pool.family),
      inTurn: choose => choosing.run(ownerKey(request.owner), choose, signal),
      isTrying: value => trying.has(claimName(pool.scope, { family: pool.family, value })),
      attempt: value => tryAddress(request, pool, value, signal),
      learn: extent => others.learn(pool, extent),
    };
  }

  /** The owner's claim, if it is still an address of one of the pools, and the one that was asked for. */
  async function findHeld(
    request: ClaimRequest,
    wanted: RequestedAddress | undefined,
    signal: Signal,
  ): Promise<{ readonly object: IPAllocation; readonly pool: Pool } | undefined> {
    const { owner } = request;
    const held = cache.isFresh ? await heldAmong(known.ofPod(owner), request, wanted, signal) : undefined;
    if (held !== undefined || (cache.isFresh && !isElsewhere(owner))) return held;
    return heldAmong(await listOfPod(owner, signal), request, wanted, signal);
  }

  /** A workload's address may be on another node, where its pod was before. */
  function isElsewhere({ workload }: ClaimOwner): boolean {
    return workload !== undefined && sees === 'node';
  }

  /** Of what the watch will tell, it also tells the end. */
  async function hasGone({ metadata: { name, uid = '' } }: IPAllocation, signal: Signal): Promise<boolean> {
    if (!known.isUntold(uid)) return false;
    const current = await access.get(name, signal);
    if (current?.metadata.uid === uid) return false;
    known.noteReleased(uid);
    return true;
  }

  async function heldAmong(
    claims: readonly IPAllocation[],
    request: ClaimRequest,
    wanted: RequestedAddress | undefined,
    signal: Signal,
  ): Promise<{ readonly object: IPAllocation; readonly pool: Pool } | undefined> {
    const { pools, owner, isMigration } = request;
    for (const claim of claims) {
      if (!isSameOwner(claim.spec.owner, owner)) continue;
      const pool = wanted?.pool ?? pools.find(one => isOfPool(one, claim));
      const value = pool === undefined ? undefined : valueInScope(pool, claim.metadata.name);
      if (pool === undefined || value === undefined || (wanted !== undefined && value !== wanted.value)) continue;
      // What we asked to delete may vanish under its next user.
      if (known.isReleased(claim.metadata.uid ?? '') || (await hasGone(claim, signal))) continue;
      const desired = toIPAllocation(pool, value, request);
      const object = await access.refresh(claim, desired, signal);
      if (object !== undefined) return { object, pool };
      const shared = isMigration === true ? await access.inherit(claim, desired, signal) : undefined;
      // What the journal remembers is this pod's share in it: in its own name, and that it is the heir.
      const heir = shared?.spec.heir;
      if (shared !== undefined && heir !== undefined) {
        return { object: { ...shared, spec: { ...desired.spec, heir } }, pool };
      }
    }
    return undefined;
  }

  /** From the API server: the cache is not to be believed now, or does not hold them. */
  async function listOfPod(owner: ClaimOwner, signal: Signal): Promise<readonly IPAllocation[]> {
    const query = { labelSelector: `${POD_LABEL}=${podLabel(owner)}` };
    const { items } = await client.list(IP_ALLOCATIONS, query, signal === undefined ? {} : { signal });
    return items;
  }

  async function tryAddress(request: ClaimRequest, pool: Pool, value: bigint, signal: Signal): Promise<Attempt> {
    const desired = toIPAllocation(pool, value, request);
    const { name } = desired.metadata;
    trying.add(name);
    try {
      return await access.hold(desired, signal);
    } finally {
      trying.delete(name);
    }
  }

  return {
    take: (request, signal) => owners.run(ownerKey(request.owner), () => take(request, signal), signal),
    async heldBy(owner, signal) {
      const own = (claims: readonly IPAllocation[]): readonly string[] =>
        claims
          .filter(({ spec }) => isSameOwner({ ...spec.owner, slot: 0 }, { ...owner, slot: 0 }))
          .map(({ spec }) => addressAlone(spec.address));
      const whole = { ...owner, slot: 0 };
      const seen = cache.isFresh ? own(known.ofPod(whole)) : [];
      if (seen.length > 0 || (cache.isFresh && !isElsewhere(whole))) return seen;
      return own(await listOfPod(whole, signal));
    },
    isTaken: others.isTaken,
    survey: others.survey,
    async release(claim, signal) {
      const outcome = await access.release(claim, signal);
      if (outcome !== 'changed') cooling.noteReleased(claim.name);
      return outcome;
    },
    quarantine: (claim, mac, signal) => access.quarantine(claim, mac, clock.now() + quarantineMs, signal),
    handOver: (claim, signal) => access.handOver(claim, signal),
    async reassert({ ref, spec }, signal) {
      const cached = cache.isFresh ? cache.find({ name: ref.name }) : undefined;
      const isOurs = cached?.metadata.uid === ref.uid && isSameOwner(cached.spec.owner, spec.owner);
      if (isOurs && !known.isReleased(ref.uid)) return { kind: 'held', uid: ref.uid };
      // One that has to be made again begins without an heir.
      const { heir: _, ...own } = spec;
      const attempt = await access.holdAgain(withLabels(ref.name, scopeOf(ref.name), own), ref.uid, signal);
      if (attempt.kind === 'taken') return { kind: 'lost', holder: attempt.holder };
      return { kind: 'held', uid: attempt.object.metadata.uid ?? '' };
    },
  };
}

function takeExactly({ owner }: ClaimRequest, pool: Pool, attempt: Attempt): Claim {
  if (attempt.kind === 'held') return toClaim(attempt.object, pool, attempt.isNew);
  const { metadata, spec } = attempt.holder;
  const { mac, until } = spec.quarantine ?? {};
  if (spec.policy === 'Quarantine') {
    throw new IpamError(
      'ADDRESS_TAKEN',
      `Cannot take ${spec.address} for ${formatOwner(owner)}: it is in quarantine until ${until}, since ${mac} answered for it on the network`,
      { retriable: true, details: { claim: metadata.name } },
    );
  }
  throw new IpamError(
    'ADDRESS_TAKEN',
    `Cannot take ${spec.address} for ${formatOwner(owner)}: ${formatOwner(spec.owner)} on node "${spec.node}" holds it`,
    { retriable: true, details: { claim: metadata.name } },
  );
}

function rememberFull(clock: Clock): FullPools {
  const until = new Map<string, number>();
  // Parts of one list are called the same.
  const keyOf = ({ scope, ref, text, usable }: Pool): string =>
    `${poolLabel(scope, ref)} ${usable[0]?.first ?? ''} ${text}`;
  return {
    has: pool => (until.get(keyOf(pool)) ?? 0) > clock.now(),
    note(pool) {
      const now = clock.now();
      for (const [key, end] of until) if (end <= now) until.delete(key);
      until.set(keyOf(pool), now + FULL_MS);
    },
  };
}

function scopeOf(name: string): string {
  const scope = parseClaimName(name)?.scope;
  if (scope !== undefined) return scope;
  throw new IpamError('BAD_SCOPE', `Cannot reassert claim "${name}": expected a name like lan-10.0.0.5`);
}
