import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { poolOf, subnetOf } from '../testing.ts';
import { apply, demandOf, ipsOf, plan } from './testing.ts';

/** Addresses that pools have already, whoever made them, and those that pods hold. */
suite('planAutoPools()', () => {
  test('takes no address that a pool made by hand has, and leaves that pool alone', () => {
    const byHand = poolOf('by-hand', { ips: ['172.18.30.1-172.18.30.3'] });
    const pools = apply([byHand], plan({ demands: [demandOf('web', 2)], pools: [byHand] }));
    assert.deepEqual(ipsOf(pools)['auto4-web-eth0-12345'], ['172.18.30.4-172.18.30.5']);
    assert.deepEqual(ipsOf(apply(pools, plan({ pools }))), { 'by-hand': ['172.18.30.1-172.18.30.3'] });
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
});
