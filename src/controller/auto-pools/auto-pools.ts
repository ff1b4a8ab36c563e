import {
  type Application,
  type IPAllocation,
  type KubeObject,
  type Pod,
  SPIDER_IP_POOLS,
  SPIDER_RESERVED_IPS,
  SPIDER_SUBNETS,
} from '#api';
import { loadSpiderpoolObjects, type ObjectSource, type TopController } from '#ipam';
import type { CacheChange } from '#kube';
import type { ControllerDeps } from '../deps.ts';
import type { Loop } from '../loop.ts';
import { createRepeater } from '../repeater.ts';
import { carryOut } from './carry-out.ts';
import { createComplaintBook } from './complaint-book.ts';
import { findUndecided } from './find-undecided.ts';
import { followApplications } from './follow-applications.ts';
import { hasChanged } from './has-changed.ts';
import { createHolders } from './holders.ts';
import { untilSo } from './until-so.ts';
import { createWrittenPools } from './written-pools.ts';

/** Makes, sizes and removes the pools that workloads ask of SpiderSubnets. Two who do it at once come to the same pools. */
export const AUTO_POOLS_LOOP: Loop = { name: 'auto-pools', runsOn: 'leader', start: keepAutoPools };

/** What nobody told of is seen then. */
const EVERY_MS = 300_000;

async function keepAutoPools(deps: ControllerDeps, signal: AbortSignal): Promise<never> {
  const { catalog, claims, pods, clock, log } = deps;
  const dialect = await loadSpiderpoolObjects();
  const [subnets, pools, reserved] = await Promise.all([
    catalog.of(SPIDER_SUBNETS, signal),
    catalog.of(SPIDER_IP_POOLS, signal),
    catalog.of(SPIDER_RESERVED_IPS, signal),
    claims.ready(signal),
    pods.ready(signal),
  ]);
  const isUsed = (): boolean => subnets.list().length > 0 || pools.list().some(dialect.isAutoPool);
  await untilSo(isUsed, [subnets, pools], signal);
  const kinds = await followApplications(deps, signal);
  const written = createWrittenPools(pools, signal);
  const tellComplaints = createComplaintBook(deps.events);
  /** Pools that go on when an address of theirs is given back. */
  let waiting: ReadonlySet<string> = new Set();

  const isFollowed = ({ group, kind }: Pick<TopController, 'group' | 'kind'>): boolean =>
    kinds.some(({ resource }) => resource.group === group && resource.kind === kind);
  const isSeen = ({ group, kind, namespace, name, uid }: TopController): boolean => {
    const followed = kinds.find(({ resource }) => resource.group === group && resource.kind === kind);
    return followed?.objects.find({ namespace, name })?.metadata.uid === uid;
  };
  const known = kinds.map(({ resource, objects }) => ({ resource, list: objects.list }));

  async function round(): Promise<void> {
    const askers = dialect.askingControllers(known, pods.list()).map(dialect.demandsOf);
    const demands = askers.flatMap(asker => asker.demands);
    const unread = askers.flatMap(asker => asker.complaints);
    const all = written.list();
    const sources = {
      ownerOf: dialect.ownerOfAutoPool,
      isSeen,
      unread: new Set(unread.map(({ controller }) => controller.uid)),
      catalog,
    };
    const undecided = await findUndecided(dialect.leftOvers(all, demands), sources, signal);
    const plan = dialect.planAutoPools({
      demands,
      subnets: subnets.list(),
      pools: all,
      reserved: family => dialect.reservedAddresses(reserved.list(), family, catalog),
      ...createHolders(claims.list()),
      isUndecided: pool => undecided.has(pool.metadata.name),
    });
    waiting = plan.waiting;
    tellComplaints([...unread, ...plan.complaints]);
    const outcomes = await Promise.allSettled(plan.actions.map(action => carryOut(action, deps, written, signal)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  const repeater = createRepeater({ what: 'make pools of SpiderSubnets', round, everyMs: EVERY_MS, clock, log });
  const isThirdParty = ({ metadata }: Pod): boolean => {
    const owner = dialect.directControllerOf({ metadata });
    return owner !== undefined && !isFollowed(owner) && dialect.asksSubnets(metadata.annotations ?? {});
  };
  const asks = (application: Application): boolean => dialect.asksSubnets(dialect.annotationsOf(application));
  const concerns = (change: CacheChange<Application>): boolean => {
    if (change.type === 'relisted' || asks(change.object)) return true;
    return change.type === 'put' && change.previous !== undefined && asks(change.previous);
  };
  const wakeOn = <T extends KubeObject>(
    source: ObjectSource<T>,
    essence: (object: T) => unknown,
    isConcern: (change: CacheChange<T>) => boolean = () => true,
  ): (() => void) =>
    source.subscribe(change => {
      if (isConcern(change) && hasChanged(change, essence)) repeater.wake();
    });
  const unsubscribers = [
    wakeOn(subnets, ({ spec }) => spec),
    wakeOn(pools, ({ spec }) => spec),
    wakeOn(reserved, ({ spec }) => spec),
    ...kinds.map(({ objects }) => wakeOn(objects, ({ spec, status }) => ({ spec, status }), concerns)),
    pods.subscribe(change => {
      if (change.type === 'relisted' || isThirdParty(change.object)) repeater.wake();
    }),
    claims.subscribe(change => {
      if (change.type === 'relisted' || isReturn(change, waiting)) repeater.wake();
    }),
  ];
  try {
    return await repeater.run(signal);
  } finally {
    for (const unsubscribe of unsubscribers) unsubscribe();
  }
}

function isReturn(
  change: Exclude<CacheChange<IPAllocation>, { readonly type: 'relisted' }>,
  waiting: ReadonlySet<string>,
): boolean {
  return change.type === 'deleted' && waiting.has(change.object.spec.pool.name);
}
