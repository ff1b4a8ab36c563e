import { SPIDER_SUBNETS, type SpiderIPPool } from '#api';
import { type Family, findPrefix } from '#ip';
import type { ObjectSource, PoolCatalog } from '../../catalog/pool-catalog.ts';
import { IpamError } from '../../errors.ts';
import type { WishContext } from '../../wishes/wishes.ts';
import { annotationOf } from './annotations.ts';
import { poolSettings } from './auto-pools/pool-settings.ts';
import { isAutoPoolOf } from './auto-pools-of.ts';
import type { CandidateNames } from './candidate-names.ts';
import { type FoundPools, findDefaultPools, findPools } from './find-pools.ts';
import { knownTopController } from './top-controller.ts';
import { type PoolWait, waitForPool } from './wait-for-pool.ts';

/** The pools of one family that are to be asked, in the user's order. */
export interface Candidates extends FoundPools {
  readonly family: Family;
  /** For errors: what names them. */
  readonly namedBy: string;
}

/** What looking for pools needs. */
export interface CandidateSearch {
  readonly pools: ObjectSource<SpiderIPPool>;
  readonly catalog: PoolCatalog;
  readonly context: WishContext;
}

const FAMILIES = [4, 6] as const;
/** How long a pod's ADD waits for a pool that is being made. The pod is tried again by itself. */
const MADE_MS = 20_000;
/** The controller makes a pool larger within a second after it has heard of more pods. */
const GROWN_MS = 5_000;

/**
 * One list for each family that is asked for, IPv4 first.
 * @throws IpamError NO_POOL where nothing is to be asked, or a pool is not made in time; ApiError
 */
export async function findCandidates(named: CandidateNames, search: CandidateSearch): Promise<readonly Candidates[]> {
  const { pools, context } = search;
  if (named.level === 'subnet') return ofSubnets(named, search);
  if (named.level !== 'default') {
    const asked = FAMILIES.filter(family => named.names[family].length > 0);
    return asked.map(family => ({
      family,
      ...findPools(named.names[family], family, pools),
      namedBy: named.by[family],
    }));
  }
  const namedBy = 'nobody, so that those with spec.default are asked';
  const found = FAMILIES.map(family => ({ family, pools: findDefaultPools(family, pools), missing: [], namedBy }));
  const some = found.filter(own => own.pools.length > 0);
  if (some.length > 0) return some;
  throw new IpamError(
    'NO_POOL',
    `Cannot take an address for ${context.source}, interface ${context.interface.name}: no IPPool available, no pool selection rules of any type are specified, and no SpiderIPPool has spec.default`,
    { retriable: true },
  );
}

async function ofSubnets(
  { names, by }: Extract<CandidateNames, { readonly level: 'subnet' }>,
  { pools, catalog, context }: CandidateSearch,
): Promise<readonly Candidates[]> {
  const { pod, source, signal, aside, interface: own } = context;
  // Of a wrong one the controller makes no pool: nothing is waited for.
  poolSettings(key => annotationOf(pod, key, 'pod'));
  const controller = pod === undefined ? undefined : await knownTopController(pod, catalog);
  const subnets = await catalog.of(SPIDER_SUBNETS, signal);
  const asked = FAMILIES.flatMap(family => names[family].map(subnet => ({ family, subnet })));
  return Promise.all(
    asked.map(async ({ family, subnet }) => {
      const refuse = (reason: string): IpamError =>
        new IpamError('NO_POOL', `Cannot take an address for ${source}, interface ${own.name}: ${reason}`, {
          retriable: true,
        });
      if (controller === undefined) {
        throw refuse(
          `SpiderSubnet "${subnet}" makes pools for Deployments, StatefulSets and the like, expected a pod that belongs to one`,
        );
      }
      const found = subnets.find({ name: subnet });
      if (found === undefined) throw refuse(`there is no SpiderSubnet "${subnet}"`);
      const its = findPrefix(found.spec.subnet)?.family;
      if (its !== undefined && its !== family) {
        throw refuse(`SpiderSubnet "${subnet}" is IPv${its}, expected an IPv${family} one`);
      }
      const owner = { controller, interface: own.name, family, subnet };
      const isReady = (candidate: SpiderIPPool): boolean =>
        isAutoPoolOf(candidate, owner) && (candidate.spec.ips ?? []).length > 0;
      const pool = await waitForPool(pools, isReady, { waitMs: MADE_MS, signal, aside });
      if (pool !== undefined) return { family, pools: [pool], missing: [], namedBy: by[family] };
      const { kind, namespace, name } = controller;
      throw refuse(
        `no IPPool available, SpiderSubnet "${subnet}" has made no IPv${family} pool for ${kind} ${namespace}/${name} yet: the controller makes it, or says in an Event of the ${kind} why not`,
      );
    }),
  );
}

/** Whether one of the candidates becomes another than it was, or is already. */
export async function haveGrown(
  candidates: readonly Candidates[],
  pools: ObjectSource<SpiderIPPool>,
  { signal, aside }: Pick<PoolWait, 'signal' | 'aside'>,
): Promise<boolean> {
  const seen = new Map(candidates.flatMap(list => list.pools.map(pool => [pool.metadata.name, addressesOf(pool)])));
  const isAnother = (pool: SpiderIPPool): boolean => {
    const before = seen.get(pool.metadata.name);
    return before !== undefined && before !== addressesOf(pool);
  };
  return (await waitForPool(pools, isAnother, { waitMs: GROWN_MS, signal, aside })) !== undefined;
}

function addressesOf({ spec: { ips = [], excludeIPs = [] } }: SpiderIPPool): string {
  return JSON.stringify([ips, excludeIPs]);
}
