/** What tests of automatic pools share: who asks for pools, a plan of what to do, and the pools once it is done. */
import assert from 'node:assert/strict';
import type { SpiderIPPool } from '#api';
import type { IntervalSet } from '#ip';
import { readAddressRanges } from '../address-ranges.ts';
import { subnetOf } from '../testing.ts';
import type { AskingController, Demand } from './demand.ts';
import { type AutoPoolPlan, type AutoPoolWorld, planAutoPools } from './plan-auto-pools.ts';

/** A controller that asks, with a uid of its own. */
export function controllerOf(
  name: string,
  kind = 'Deployment',
  uid = `uid-of-${name.slice(0, 20)}-12345`,
): AskingController['controller'] {
  return { group: 'apps', version: 'v1', kind, namespace: 'shop', name, uid };
}

/** One pool of IPv4 addresses that it asks for. */
export function demandOf(name: string, number: number, more: Partial<Demand> = {}): Demand {
  return {
    controller: controllerOf(name),
    interface: 'eth0',
    family: 4,
    subnet: 's4',
    count: number,
    needed: number,
    isReclaimed: true,
    ...more,
  };
}

/** The IPv4 addresses of texts. */
export function setOf(...ranges: readonly string[]): IntervalSet {
  return readAddressRanges(ranges, [], 4).set;
}

interface Given extends Partial<Omit<AutoPoolWorld, 'heldOf' | 'heldByAnybody' | 'reserved'>> {
  readonly held?: Readonly<Record<string, readonly string[]>>;
  readonly reserved?: readonly string[];
}

/** Plans for a world in which nobody holds or asks for more than is given. Its subnet `s4` has 20 addresses. */
export function plan({ held = {}, reserved = [], ...given }: Given): AutoPoolPlan {
  return planAutoPools({
    demands: [],
    pools: [],
    subnets: [subnetOf('s4', { ips: ['172.18.30.1-172.18.30.20'] })],
    isUndecided: () => false,
    ...given,
    reserved: family => (family === 4 ? setOf(...reserved) : []),
    heldOf: pool => setOf(...(held[pool] ?? [])),
    heldByAnybody: () => setOf(...Object.values(held).flat()),
  });
}

/** The world after a plan was carried out. */
export function apply(pools: readonly SpiderIPPool[], { actions }: AutoPoolPlan): readonly SpiderIPPool[] {
  const byName = new Map(pools.map(pool => [pool.metadata.name, pool]));
  for (const action of actions) {
    const { name } = action.pool.metadata;
    if (action.kind === 'delete') byName.delete(name);
    if (action.kind === 'create') {
      assert.ok(!byName.has(name), 'created twice');
      byName.set(name, action.pool);
    }
    if (action.kind === 'change') {
      const { excludeIPs: _, ...spec } = action.pool.spec;
      byName.set(name, {
        metadata: {
          ...action.pool.metadata,
          labels: { ...action.pool.metadata.labels, ...action.patch.metadata?.labels },
        },
        spec: { ...spec, ...(action.patch.spec === undefined ? {} : { ips: action.patch.spec.ips }) },
      });
    }
  }
  return [...byName.values()];
}

/** What each pool has, by its name. */
export function ipsOf(pools: readonly SpiderIPPool[]): Readonly<Record<string, readonly string[] | undefined>> {
  return Object.fromEntries(pools.map(({ metadata, spec }) => [metadata.name, spec.ips]));
}
