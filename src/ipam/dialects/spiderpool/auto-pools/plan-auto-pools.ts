import { isSpiderpools, type SpiderIPPool, type SpiderSubnet } from '#api';
import { count, type IntervalSet, intersection } from '#ip';
import { purposeFor, purposeOf } from '../auto-pools-of.ts';
import { RECLAIM_LABEL } from '../labels.ts';
import { readAddresses } from '../read-addresses.ts';
import { chooseAddresses } from './choose-addresses.ts';
import type { Complaint, Demand } from './demand.ts';
import { type Ledger, openLedger, type TakenAddresses } from './ledger.ts';
import { autoPoolName, toPoolObject } from './pool-object.ts';
import { type PoolPatch, patchOf } from './pool-patch.ts';

/** The cluster as it is. */
export interface AutoPoolWorld extends TakenAddresses {
  readonly demands: readonly Demand[];
  readonly subnets: readonly SpiderSubnet[];
  readonly pools: readonly SpiderIPPool[];
  /** Addresses of a pool that somebody holds. Looked up only where a pool is made, shrinks or goes. */
  heldOf(pool: string): IntervalSet;
  /** Whether a pool's controller may still come to ask for it: it is there, and what it asks for is not known. */
  isUndecided(pool: SpiderIPPool): boolean;
}

/** One thing to do. */
export type AutoPoolAction =
  | { readonly kind: 'create'; readonly demand: Demand; readonly pool: SpiderIPPool }
  /** Of the very version of the pool that was looked at. */
  | { readonly kind: 'change'; readonly demand: Demand; readonly pool: SpiderIPPool; readonly patch: PoolPatch }
  | { readonly kind: 'delete'; readonly pool: SpiderIPPool };

/** What is to be done, what cannot be, and which pools wait for addresses of theirs to be given back. */
export interface AutoPoolPlan {
  readonly actions: readonly AutoPoolAction[];
  readonly complaints: readonly Complaint[];
  readonly waiting: ReadonlySet<string>;
}

/**
 * Compares the pools that are there with those that are asked for. Only by what is there now: whoever missed a change, or does
 * this at the same time as another, comes to the same end.
 */
export function planAutoPools(world: AutoPoolWorld): AutoPoolPlan {
  const ledgers = new Map(world.subnets.map(subnet => [subnet.metadata.name, openLedger(subnet, world.pools, world)]));
  const made = new Map(world.pools.map(pool => [purposeOf(pool), pool]));
  const plans = world.demands.map(demand => {
    const pool = made.get(purposeFor(demand));
    const ledger = ledgers.get(demand.subnet);
    const problem = problemOf(demand, ledger, world);
    if (problem !== undefined) return { complaints: [{ controller: demand.controller, message: problem }] };
    return ledger === undefined ? {} : planDemand(demand, pool, ledger, world);
  });
  const left = leftOvers(world.pools, world.demands).map(pool => planLeftOver(pool, world));
  const parts: readonly Partial<Part>[] = [...plans, ...left];
  return {
    actions: parts.flatMap(({ actions = [] }) => actions),
    complaints: parts.flatMap(({ complaints = [] }) => complaints),
    waiting: new Set(parts.flatMap(({ waiting = [] }) => waiting)),
  };
}

/** Pools that were made for somebody who does not ask for them. */
export function leftOvers(pools: readonly SpiderIPPool[], demands: readonly Demand[]): readonly SpiderIPPool[] {
  const wanted = new Set(demands.map(purposeFor));
  return pools.filter(pool => {
    const purpose = purposeOf(pool);
    return purpose !== undefined && !wanted.has(purpose);
  });
}

interface Part {
  readonly actions: readonly AutoPoolAction[];
  readonly complaints: readonly Complaint[];
  readonly waiting: readonly string[];
}

function problemOf(
  { interface: ifname, subnet, family }: Demand,
  ledger: Ledger | undefined,
  { subnets }: Pick<AutoPoolWorld, 'subnets'>,
): string | undefined {
  const cannot = `Cannot make a pool for interface ${ifname} of SpiderSubnet "${subnet}"`;
  if (ledger === undefined)
    return `${cannot}: ${whyUnusable(subnets.find(({ metadata }) => metadata.name === subnet))}`;
  return ledger.family === family ? undefined : `${cannot}: it is IPv${ledger.family}, expected an IPv${family} one`;
}

/** Why there is no ledger of a subnet. */
function whyUnusable(subnet: SpiderSubnet | undefined): string {
  if (subnet === undefined) return 'there is no such SpiderSubnet';
  if (isSpiderpools(subnet)) return 'Spiderpool keeps it, until "underlane migrate --from spiderpool" takes it over';
  return readAddresses(subnet.spec)
    .problems.map(({ message }) => message)
    .join('; ');
}

function planDemand(
  demand: Demand,
  pool: SpiderIPPool | undefined,
  ledger: Ledger,
  world: AutoPoolWorld,
): Partial<Part> {
  // Its successor is made when it has gone.
  if (pool?.metadata.deletionTimestamp !== undefined) return {};
  const name = pool?.metadata.name ?? autoPoolName(demand);
  // Of one that was deleted by hand pods may still have addresses.
  const own = pool === undefined ? ledger.takeBack(world.heldOf(name)) : ledger.ownOf(name);
  const held = (): IntervalSet => intersection(own, world.heldOf(name));
  // Nobody takes a whole subnet from all others by a slip of the pen: what can never be had is not tried for.
  const number = BigInt(demand.count) > ledger.size ? demand.needed : demand.count;
  const chosen = chooseAddresses(number, { own, held, takeFree: ledger.takeFree });
  const [has, wants] = [count(chosen), BigInt(number)];
  const lack = lackOf(demand, number, has, ledger);
  const complaints = lack === undefined ? [] : [{ controller: demand.controller, message: lack }];
  if (pool === undefined) {
    const made = { kind: 'create', demand, pool: toPoolObject(demand, ledger.object, chosen) } as const;
    return { complaints, actions: has === 0n ? [] : [made] };
  }
  const patch = patchOf(pool, demand, chosen);
  return {
    complaints,
    actions: patch === undefined ? [] : [{ kind: 'change', demand, pool, patch }],
    waiting: has > wants ? [name] : [],
  };
}

/** What a demand does not get, and why. */
function lackOf(demand: Demand, number: number, has: bigint, { size }: Ledger): string | undefined {
  const { subnet, interface: ifname, family, count: asked } = demand;
  const pool = `the IPv${family} pool for interface ${ifname} gets`;
  if (has < BigInt(number)) return `SpiderSubnet "${subnet}" has too few free addresses: ${pool} ${has} of ${asked}`;
  if (number === asked) return undefined;
  return `SpiderSubnet "${subnet}" has ${size} addresses in all: ${pool} ${has} for its pods, and not ${asked}`;
}

/** A pool that nobody asks for goes when nobody has an address of it. */
function planLeftOver(pool: SpiderIPPool, world: AutoPoolWorld): Partial<Part> {
  const { name, labels = {}, deletionTimestamp } = pool.metadata;
  if (labels[RECLAIM_LABEL] === 'false' || deletionTimestamp !== undefined || world.isUndecided(pool)) return {};
  return count(world.heldOf(name)) > 0n ? { waiting: [name] } : { actions: [{ kind: 'delete', pool }] };
}
