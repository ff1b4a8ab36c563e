import { type ClaimOwner, IP_ALLOCATIONS, type IPAllocation, POD_LABEL } from '#api';
import { type Clock, createKeyedQueue, type Log } from '#base';
import type { KubeClient, WatchCache } from '#kube';
import { type Attempt, createClaimAccess } from './claim-access.ts';
import { claimName, parseClaimName } from './claim-name.ts';
import { isOfPool, podLabel, toClaim, toIPAllocation, valueInScope, withLabels } from './claim-object.ts';
import { formatOwner, isSameOwner, ownerKey } from './claim-owner.ts';
import type { Claim, ClaimRequest, ClaimStore, Pool } from './claim-store.ts';
import { createCooling } from './cooling.ts';
import { IpamError } from './errors.ts';
import { createOwnClaims } from './own-claims.ts';
import { surveyTaken } from './pool-survey.ts';
import { parseRequested } from './requested-address.ts';
import { takeAny } from './take-any.ts';

export interface ClaimStoreOptions {
  readonly client: KubeClient;
  /** The claims of this node: `labelSelector: NODE_LABEL=labelHash(node)`. */
  readonly cache: WatchCache<IPAllocation>;
  readonly node: string;
  readonly clock: Clock;
  readonly log: Log;
}

type Signal = AbortSignal | undefined;

/** A store of claims for one node. Takes for one owner run one after another, others in parallel. */
export function createClaimStore({ client, cache, node, clock, log }: ClaimStoreOptions): ClaimStore {
  const own = createOwnClaims(cache, clock);
  const access = createClaimAccess({ client, own, clock });
  const cooling = createCooling();
  const trying = new Set<string>();
  const owners = createKeyedQueue(Number.POSITIVE_INFINITY);

  async function take(request: ClaimRequest, signal: Signal): Promise<Claim> {
    const { pool, owner, address } = request;
    const wanted = address === undefined ? undefined : parseRequested(pool, address, owner);
    const held = await findHeld(request, wanted, signal);
    if (held !== undefined) return toClaim(held, false);
    const attempt = (value: bigint): Promise<Attempt> => tryAddress(request, value, signal);
    if (wanted !== undefined) return takeExactly(request, await attempt(wanted));
    const sources = {
      known: valuesOf(pool, own.list()),
      cooling: cooling.of(pool),
      isTrying: (value: bigint) => trying.has(claimName(pool.scope, { family: pool.family, value })),
      attempt,
      survey: (extent: 'pool' | 'scope') => {
        log.info({ pool: pool.ref.name, scope: pool.scope, extent }, 'Listing claims to find a free address');
        return surveyTaken(client, pool, extent, signal);
      },
    };
    const { object, isNew } = await takeAny(request, sources, clock, signal);
    return toClaim(object, isNew);
  }

  /** The owner's claim, if it is still an address of the pool, and the one that was asked for. */
  async function findHeld(
    { pool, owner }: ClaimRequest,
    wanted: bigint | undefined,
    signal: Signal,
  ): Promise<IPAllocation | undefined> {
    const claims = cache.isFresh ? own.list() : await listOfPod(owner, signal);
    for (const claim of claims) {
      const value = valueInScope(pool, claim.metadata.name);
      if (value === undefined || !isSameOwner(claim.spec.owner, owner) || !isOfPool(pool, claim.metadata.name))
        continue;
      if (wanted !== undefined && value !== wanted) continue;
      // What we asked to delete may vanish under its next user.
      if (own.isReleased(claim.metadata.uid ?? '')) continue;
      const held = await access.refresh(claim, toIPAllocation(pool, value, owner, node), signal);
      if (held !== undefined) return held;
    }
    return undefined;
  }

  /** From the API server: the cache is not to be believed now. */
  async function listOfPod(owner: ClaimOwner, signal: Signal): Promise<readonly IPAllocation[]> {
    const query = { labelSelector: `${POD_LABEL}=${podLabel(owner)}` };
    const { items } = await client.list(IP_ALLOCATIONS, query, signal === undefined ? {} : { signal });
    return items;
  }

  async function tryAddress({ pool, owner }: ClaimRequest, value: bigint, signal: Signal): Promise<Attempt> {
    const desired = toIPAllocation(pool, value, owner, node);
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
    async release(claim, signal) {
      const outcome = await access.release(claim, signal);
      if (outcome !== 'changed') cooling.noteReleased(claim.name);
      return outcome;
    },
    async reassert({ ref, spec }, signal) {
      const known = cache.isFresh ? cache.find({ name: ref.name }) : undefined;
      if (known?.metadata.uid === ref.uid && !own.isReleased(ref.uid))
        return { kind: 'held', claim: toClaim(known, false) };
      const attempt = await access.holdAgain(withLabels(ref.name, scopeOf(ref.name), spec), signal);
      if (attempt.kind === 'taken') return { kind: 'lost', holder: attempt.holder };
      return { kind: 'held', claim: toClaim(attempt.object, attempt.isNew) };
    },
  };
}

function takeExactly({ owner }: ClaimRequest, attempt: Attempt): Claim {
  if (attempt.kind === 'held') return toClaim(attempt.object, attempt.isNew);
  const { metadata, spec } = attempt.holder;
  throw new IpamError(
    'ADDRESS_TAKEN',
    `Cannot take ${spec.address} for ${formatOwner(owner)}: ${formatOwner(spec.owner)} on node "${spec.node}" holds it`,
    { retriable: true, details: { claim: metadata.name } },
  );
}

function valuesOf(pool: Pool, claims: readonly IPAllocation[]): ReadonlySet<bigint> {
  const values = claims.map(({ metadata }) => valueInScope(pool, metadata.name));
  return new Set(values.filter(value => value !== undefined));
}

function scopeOf(name: string): string {
  const scope = parseClaimName(name)?.scope;
  if (scope !== undefined) return scope;
  throw new IpamError('BAD_SCOPE', `Cannot reassert claim "${name}": expected a name like lan-10.0.0.5`);
}
