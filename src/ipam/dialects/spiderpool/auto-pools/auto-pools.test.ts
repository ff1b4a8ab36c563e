import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { SpiderIPPool } from '#api';
import { count, type IntervalSet, intersection } from '#ip';
import { formatAddressRanges, readAddressRanges } from '../address-ranges.ts';
import { readAddresses } from '../read-addresses.ts';
import { poolOf, subnetOf } from '../testing.ts';
import type { AskingController, Demand } from './demand.ts';
import { demandsOf } from './demands-of.ts';
import { type AutoPoolPlan, type AutoPoolWorld, planAutoPools } from './plan-auto-pools.ts';
import { podCountOf } from './wanted-count.ts';

const KEY = 'ipam.spidernet.io/';

function controllerOf(
  name: string,
  kind = 'Deployment',
  uid = `uid-of-${name.slice(0, 20)}-12345`,
): AskingController['controller'] {
  return { group: 'apps', version: 'v1', kind, namespace: 'shop', name, uid };
}

function demandOf(name: string, number: number, more: Partial<Demand> = {}): Demand {
  return {
    controller: controllerOf(name),
    interface: 'eth0',
    family: 4,
    subnet: 's4',
    count: number,
    isReclaimed: true,
    ...more,
  };
}

function setOf(...ranges: readonly string[]): IntervalSet {
  return readAddressRanges(ranges, [], 4).set;
}

interface Given extends Partial<Omit<AutoPoolWorld, 'heldOf' | 'heldByAnybody' | 'reserved'>> {
  readonly held?: Readonly<Record<string, readonly string[]>>;
  readonly reserved?: readonly string[];
}

function plan({ held = {}, reserved = [], ...given }: Given): AutoPoolPlan {
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
function apply(pools: readonly SpiderIPPool[], { actions }: AutoPoolPlan): readonly SpiderIPPool[] {
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

function ipsOf(pools: readonly SpiderIPPool[]): Readonly<Record<string, readonly string[] | undefined>> {
  return Object.fromEntries(pools.map(({ metadata, spec }) => [metadata.name, spec.ips]));
}

suite('demandsOf()', () => {
  const of = (annotations: Readonly<Record<string, unknown>>, pods: number | undefined = 2) =>
    demandsOf({
      controller: controllerOf('web'),
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [
          `${KEY}${key}`,
          typeof value === 'string' ? value : JSON.stringify(value),
        ]),
      ),
      pods,
    });
  const shown = (annotations: Readonly<Record<string, unknown>>, pods?: number): readonly string[] =>
    of(annotations, pods).demands.map(
      ({ interface: own, family, subnet, count: number, isReclaimed }) =>
        `${own} ${family} ${subnet} ${number}${isReclaimed ? '' : ' kept'}`,
    );

  test('asks for a pool of each family, of the first subnet that is named', () => {
    assert.deepEqual(shown({ subnet: { ipv4: ['s4', 's9'], ipv6: ['s6'] } }), ['eth0 4 s4 3', 'eth0 6 s6 3']);
    assert.deepEqual(shown({ subnet: { interface: 'net1', ipv4: ['s4'] } }), ['net1 4 s4 3']);
    const subnets = [
      { interface: 'eth0', ipv4: ['s4'] },
      { interface: 'net1', ipv4: ['s5'] },
    ];
    assert.deepEqual(shown({ subnets }), ['eth0 4 s4 3', 'net1 4 s5 3']);
    assert.deepEqual(shown({ subnets: subnets.map(({ ipv4 }) => ({ ipv4 })) }), ['eth0 4 s4 3', 'net1 4 s5 3']);
    assert.deepEqual(shown({}), []);
  });

  test('counts what is asked for: in all, or beside the pods', () => {
    const subnet = { ipv4: ['s4'] };
    assert.deepEqual(shown({ subnet, 'ippool-ip-number': '5' }), ['eth0 4 s4 5']);
    assert.deepEqual(shown({ subnet, 'ippool-ip-number': '+2' }), ['eth0 4 s4 4']);
    assert.deepEqual(shown({ subnet, 'ippool-ip-number': '+0', 'ippool-reclaim': 'false' }), ['eth0 4 s4 2 kept']);
  });

  test('complains of what it cannot read', () => {
    const subnet = { ipv4: ['s4'] };
    const complaint = (annotations: Readonly<Record<string, unknown>>, pods?: number): unknown =>
      of(annotations, pods).complaints.map(({ message }) => message);
    assert.deepEqual(complaint({ subnet: 'x' }), [
      'Cannot use annotation ipam.spidernet.io/subnet of Deployment "shop/web": it is "x", expected JSON',
    ]);
    assert.deepEqual(complaint({ subnet, 'ippool-ip-number': '++1' }), [
      'Cannot use annotation ipam.spidernet.io/ippool-ip-number of Deployment "shop/web": it is "++1", expected a number like 2, or one of addresses beside those of the pods like +2',
    ]);
    const unknown = demandsOf({
      controller: controllerOf('web', 'CloneSet'),
      annotations: { [`${KEY}subnet`]: '{"ipv4":["s4"]}' },
      pods: undefined,
    });
    assert.match(
      unknown.complaints[0]?.message ?? '',
      /is "\+1", expected a fixed number like 2, since nobody knows how many pods a CloneSet has$/,
    );
  });

  test('podCountOf() knows how many pods a controller is to have', () => {
    const metadata = { name: 'x' };
    assert.equal(podCountOf('Deployment', { metadata, spec: {} }), 1);
    assert.equal(podCountOf('StatefulSet', { metadata, spec: { replicas: 0 } }), 0);
    assert.equal(podCountOf('DaemonSet', { metadata, spec: {}, status: { desiredNumberScheduled: 7 } }), 7);
    assert.equal(podCountOf('Job', { metadata, spec: { completions: 5, parallelism: 2 } }), 5);
    assert.equal(podCountOf('Job', { metadata, spec: { parallelism: 0 } }), 1);
    assert.equal(podCountOf('CronJob', { metadata, spec: { jobTemplate: { spec: { parallelism: 3 } } } }), 3);
    assert.equal(podCountOf('CloneSet', { metadata, spec: { replicas: 3 } }), undefined);
  });
});

suite('planAutoPools()', () => {
  test("makes a pool of the subnet's lowest free addresses, with its gateway and routes, for this controller alone", () => {
    const routes = [{ dst: '10.0.0.0/8', gw: '172.18.0.2' }];
    const subnets = [subnetOf('s4', { ips: ['172.18.30.1-172.18.30.20'], excludeIPs: ['172.18.30.2'], routes })];
    const { actions, complaints } = plan({ demands: [demandOf('web', 3)], subnets, reserved: ['172.18.30.4'] });
    assert.deepEqual(complaints, []);
    assert.deepEqual(
      actions.map(({ kind, pool }) => [kind, pool]),
      [
        [
          'create',
          {
            apiVersion: 'spiderpool.spidernet.io/v2beta1',
            kind: 'SpiderIPPool',
            metadata: {
              name: 'auto4-web-eth0-12345',
              labels: {
                [`${KEY}ippool-cidr`]: '172-18-0-0-16',
                [`${KEY}owner-spider-subnet`]: 's4',
                [`${KEY}owner-application-gv`]: 'apps_v1',
                [`${KEY}owner-application-kind`]: 'Deployment',
                [`${KEY}owner-application-namespace`]: 'shop',
                [`${KEY}owner-application-name`]: 'web',
                [`${KEY}owner-application-uid`]: 'uid-of-web-12345',
                [`${KEY}interface`]: 'eth0',
                [`${KEY}ip-version`]: 'IPv4',
                [`${KEY}ippool-reclaim`]: 'true',
              },
            },
            spec: {
              ipVersion: 4,
              subnet: '172.18.0.0/16',
              ips: ['172.18.30.1', '172.18.30.3', '172.18.30.5'],
              gateway: '172.18.0.1',
              routes,
              podAffinity: {
                matchLabels: {
                  [`${KEY}app-api-group`]: 'apps',
                  [`${KEY}app-api-version`]: 'v1',
                  [`${KEY}app-kind`]: 'Deployment',
                  [`${KEY}app-namespace`]: 'shop',
                  [`${KEY}app-name`]: 'web',
                },
              },
            },
          },
        ],
      ],
    );
  });

  test('has nothing to do where everything is as it is asked for', () => {
    const demands = [demandOf('web', 3), demandOf('db', 2, { interface: 'net1' })];
    const pools = apply([], plan({ demands }));
    assert.deepEqual(ipsOf(pools), {
      'auto4-web-eth0-12345': ['172.18.30.1-172.18.30.3'],
      'auto4-db-net1-12345': ['172.18.30.4-172.18.30.5'],
    });
    assert.deepEqual(plan({ demands, pools }), { actions: [], complaints: [], waiting: new Set() });
  });

  test('grows with the pods, past what others have', () => {
    const pools = apply([], plan({ demands: [demandOf('web', 2), demandOf('db', 2)] }));
    const more = { demands: [demandOf('web', 4), demandOf('db', 2)], pools };
    assert.deepEqual(ipsOf(apply(pools, plan(more))), {
      'auto4-web-eth0-12345': ['172.18.30.1-172.18.30.2', '172.18.30.5-172.18.30.6'],
      'auto4-db-eth0-12345': ['172.18.30.3-172.18.30.4'],
    });
  });

  test('shrinks from the top, but for addresses that are held: those it waits for', () => {
    const pools = apply([], plan({ demands: [demandOf('web', 5)] }));
    const demands = [demandOf('web', 2)];
    const held = { 'auto4-web-eth0-12345': ['172.18.30.2', '172.18.30.4-172.18.30.5'] };
    const shrunk = plan({ demands, pools, held });
    assert.deepEqual([...shrunk.waiting], ['auto4-web-eth0-12345']);
    const smaller = apply(pools, shrunk);
    assert.deepEqual(ipsOf(smaller), { 'auto4-web-eth0-12345': ['172.18.30.2', '172.18.30.4-172.18.30.5'] });
    const rest = apply(smaller, plan({ demands, pools: smaller, held: { 'auto4-web-eth0-12345': ['172.18.30.5'] } }));
    assert.deepEqual(ipsOf(rest), { 'auto4-web-eth0-12345': ['172.18.30.2', '172.18.30.5'] });
    assert.deepEqual(ipsOf(apply(rest, plan({ demands: [demandOf('web', 0)], pools: rest }))), {
      'auto4-web-eth0-12345': [],
    });
  });

  test('gives what there is where a subnet has too few, and says so', () => {
    const { actions, complaints } = plan({ demands: [demandOf('web', 15), demandOf('db', 15), demandOf('x', 1)] });
    assert.deepEqual(ipsOf(apply([], { actions, complaints: [], waiting: new Set() })), {
      'auto4-web-eth0-12345': ['172.18.30.1-172.18.30.15'],
      'auto4-db-eth0-12345': ['172.18.30.16-172.18.30.20'],
    });
    assert.deepEqual(
      complaints.map(({ controller, message }) => [controller.name, message]),
      [
        ['db', 'SpiderSubnet "s4" has too few free addresses: the IPv4 pool for interface eth0 gets 5 of 15'],
        ['x', 'SpiderSubnet "s4" has too few free addresses: the IPv4 pool for interface eth0 gets 0 of 1'],
      ],
    );
  });

  test('complains of a subnet that is not there, and of one of the other family', () => {
    const { actions, complaints } = plan({
      demands: [demandOf('web', 1, { subnet: 's9' }), demandOf('db', 1, { family: 6 })],
    });
    assert.deepEqual(actions, []);
    assert.deepEqual(
      complaints.map(({ message }) => message),
      [
        'Cannot make a pool for interface eth0 of SpiderSubnet "s9": there is none such that could be read and that Spiderpool does not keep itself',
        'Cannot make a pool for interface eth0 of SpiderSubnet "s4": it is IPv4, expected an IPv6 one',
      ],
    );
  });

  test('takes no address that a pool made by hand has, and leaves that pool alone', () => {
    const byHand = poolOf('by-hand', { ips: ['172.18.30.1-172.18.30.3'] });
    const pools = apply([byHand], plan({ demands: [demandOf('web', 2)], pools: [byHand] }));
    assert.deepEqual(ipsOf(pools)['auto4-web-eth0-12345'], ['172.18.30.4-172.18.30.5']);
    assert.deepEqual(ipsOf(apply(pools, plan({ pools }))), { 'by-hand': ['172.18.30.1-172.18.30.3'] });
  });

  test('deletes the pool of a controller that has gone when nobody has an address of it', () => {
    const pools = apply([], plan({ demands: [demandOf('web', 2)] }));
    const [name = ''] = pools.map(({ metadata }) => metadata.name);
    const waiting = plan({ pools, held: { [name]: ['172.18.30.2'] } });
    assert.deepEqual([waiting.actions, [...waiting.waiting]], [[], [name]]);
    assert.deepEqual(
      plan({ pools }).actions.map(({ kind }) => kind),
      ['delete'],
    );
    assert.deepEqual(plan({ pools, isUndecided: () => true }).actions, []);
  });

  test('keeps a pool that is not to be reclaimed for the next controller of its kind and name', () => {
    const kept = { isReclaimed: false };
    const pools = apply([], plan({ demands: [demandOf('web', 2, kept)] }));
    assert.deepEqual(plan({ pools }).actions, []);
    const controller = controllerOf('web', 'Deployment', 'another-67890');
    const [action, ...others] = plan({ pools, demands: [demandOf('web', 2, { ...kept, controller })] }).actions;
    assert.deepEqual([action?.kind, action?.pool.metadata.name, others], ['change', 'auto4-web-eth0-12345', []]);
    const another = controllerOf('web', 'StatefulSet');
    assert.deepEqual(
      plan({ pools, demands: [demandOf('web', 2, { controller: another })] }).actions.map(({ kind }) => kind),
      ['create'],
    );
    // Later it is to be reclaimed after all.
    assert.deepEqual(
      plan({ pools, demands: [demandOf('web', 2)] }).actions.map(({ kind }) => kind),
      ['change'],
    );
  });

  test('leaves alone what Spiderpool itself keeps', () => {
    const finalizers = ['spiderpool.spidernet.io'];
    const [made] = apply([], plan({ demands: [demandOf('web', 2)] }));
    assert.ok(made !== undefined);
    const foreign = { ...made, metadata: { ...made.metadata, finalizers } };
    assert.deepEqual(plan({ pools: [foreign] }).actions, []);
    const [action] = plan({ demands: [demandOf('db', 1)], pools: [foreign] }).actions;
    assert.deepEqual(action?.pool.spec.ips, ['172.18.30.3']);
    const subnet = { ...subnetOf('s4'), metadata: { name: 's4', finalizers } };
    assert.deepEqual(plan({ demands: [demandOf('db', 1)], subnets: [subnet] }).actions, []);
  });

  test('gives nobody an address that a pod of another pool has, and a pool made anew those of its own pods', () => {
    const held = { 'auto4-web-eth0-12345': ['172.18.30.2'], gone: ['172.18.30.1', '172.18.30.3'] };
    const pools = apply([], plan({ demands: [demandOf('db', 1), demandOf('web', 2)], held }));
    assert.deepEqual(ipsOf(pools), {
      'auto4-db-eth0-12345': ['172.18.30.4'],
      'auto4-web-eth0-12345': ['172.18.30.2', '172.18.30.5'],
    });
  });

  test('repairs two pools that have the same addresses: the older one keeps them', () => {
    const [a, b] = ['a', 'b'].map(name => apply([], plan({ demands: [demandOf(name, 2)] }))[0]);
    assert.ok(a !== undefined && b !== undefined);
    const aged = [b, a].map((pool, index) => ({
      ...pool,
      metadata: { ...pool.metadata, creationTimestamp: `2026-01-0${index + 1}T00:00:00Z` },
    }));
    const demands = [demandOf('a', 2), demandOf('b', 2)];
    assert.deepEqual(ipsOf(apply(aged, plan({ demands, pools: aged }))), {
      'auto4-b-eth0-12345': ['172.18.30.1-172.18.30.2'],
      'auto4-a-eth0-12345': ['172.18.30.3-172.18.30.4'],
    });
  });

  test('names of 253 characters make objects and labels that the API server takes', () => {
    const [action] = plan({ demands: [demandOf('n'.repeat(253), 1)] }).actions;
    const { name, labels = {} } = action?.pool.metadata ?? {};
    assert.equal(name?.length, 253);
    for (const value of Object.values(labels))
      assert.ok(value.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(value), value);
    const pools = apply([], { actions: action === undefined ? [] : [action], complaints: [], waiting: new Set() });
    assert.deepEqual(plan({ demands: [demandOf('n'.repeat(253), 1)], pools }).actions, []);
  });

  test('comes to rest from any state: pools as large as asked for, of the subnet, without overlap', () => {
    const total = readAddresses(subnetOf('s4', { ips: ['172.18.30.1-172.18.30.20'] }).spec).addresses?.total ?? [];
    const steps = fc.array(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(9)), { maxLength: 3 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.nat(3)), (rounds, dice) => {
        let pools: readonly SpiderIPPool[] = [];
        for (const round of rounds) {
          const demands = [...new Map(round)].map(([name, number]) => demandOf(name, number));
          for (let turn = 0; turn < 4; turn++) {
            const held = Object.fromEntries(
              pools.map(({ metadata, spec }) => [metadata.name, (spec.ips ?? []).slice(0, dice.next().value)]),
            );
            const own = plan({ demands, pools, held });
            const changed = apply(pools, own);
            for (const { metadata, spec } of changed) {
              const set = setOf(...(spec.ips ?? []));
              assert.equal(count(intersection(set, total)), count(set));
              for (const other of changed) {
                if (other.metadata.name === metadata.name) continue;
                assert.deepEqual(intersection(set, setOf(...(other.spec.ips ?? []))), []);
              }
              const lost = intersection(setOf(...(held[metadata.name] ?? [])), set);
              assert.deepEqual(
                formatAddressRanges(lost, 4),
                formatAddressRanges(setOf(...(held[metadata.name] ?? [])), 4),
              );
            }
            pools = changed;
          }
          // Nobody holds anything: two more rounds bring what is asked for.
          for (let turn = 0; turn < 2; turn++) pools = apply(pools, plan({ demands, pools }));
          assert.deepEqual(plan({ demands, pools }).actions, []);
          const sizes = pools.map(({ spec }) => Number(count(setOf(...(spec.ips ?? [])))));
          assert.equal(
            sizes.reduce((sum, size) => sum + size, 0),
            Math.min(
              20,
              demands.reduce((sum, demand) => sum + demand.count, 0),
            ),
          );
        }
      }),
      { numRuns: 300 },
    );
  });
});
