import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { subnetOf } from '../testing.ts';
import { apply, demandOf, ipsOf, plan } from './testing.ts';

const KEY = 'ipam.spidernet.io/';

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

  test("makes a pool that asks the network what its subnet's annotation says", () => {
    const annotations = { 'underlane.io/detect': 'conflict', other: 'x' };
    const subnet = subnetOf('s4');
    const subnets = [{ ...subnet, metadata: { ...subnet.metadata, annotations } }];
    const [action] = plan({ demands: [demandOf('web', 1)], subnets }).actions;
    assert.deepEqual(action?.pool.metadata.annotations, { 'underlane.io/detect': 'conflict' });
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

  test('gives no more than pods need where more is asked for than the subnet has in all', () => {
    const demands = [demandOf('web', 1_000_000, { needed: 1 }), demandOf('x', 21, { needed: 0 }), demandOf('db', 3)];
    const { actions, complaints } = plan({ demands });
    const pools = apply([], { actions, complaints: [], waiting: new Set() });
    assert.deepEqual(ipsOf(pools), {
      'auto4-web-eth0-12345': ['172.18.30.1'],
      'auto4-db-eth0-12345': ['172.18.30.2-172.18.30.4'],
    });
    const inAll = 'SpiderSubnet "s4" has 20 addresses in all: the IPv4 pool for interface eth0 gets';
    assert.deepEqual(
      complaints.map(({ message }) => message),
      [`${inAll} 1 for its pods, and not 1000000`, `${inAll} 0 for its pods, and not 21`],
    );
    assert.deepEqual(plan({ demands, pools }).actions, []);
    const greedy = plan({ demands: [demandOf('web', 40, { needed: 30 })], pools: pools.slice(0, 1) });
    assert.deepEqual(ipsOf(apply(pools.slice(0, 1), greedy)), { 'auto4-web-eth0-12345': ['172.18.30.1-172.18.30.20'] });
    assert.deepEqual(
      greedy.complaints.map(({ message }) => message),
      ['SpiderSubnet "s4" has too few free addresses: the IPv4 pool for interface eth0 gets 20 of 40'],
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
        'Cannot make a pool for interface eth0 of SpiderSubnet "s9": there is no such SpiderSubnet',
        'Cannot make a pool for interface eth0 of SpiderSubnet "s4": it is IPv4, expected an IPv6 one',
      ],
    );
  });

  test('complains of a subnet that cannot be read, and of one that Spiderpool keeps', () => {
    const kept = subnetOf('s5');
    const { complaints } = plan({
      demands: [demandOf('web', 1), demandOf('db', 1, { subnet: 's5' })],
      subnets: [
        subnetOf('s4', { ips: ['x'] }),
        { ...kept, metadata: { ...kept.metadata, finalizers: ['spiderpool.spidernet.io'] } },
      ],
    });
    const cannot = 'Cannot make a pool for interface eth0 of SpiderSubnet';
    assert.deepEqual(
      complaints.map(({ message }) => message),
      [
        `${cannot} "s4": spec.ips[0] is "x", expected an address like 10.6.0.10 or a range like 10.6.0.10-10.6.0.20`,
        `${cannot} "s5": Spiderpool keeps it, until "underlane migrate --from spiderpool" takes it over`,
      ],
    );
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
});
