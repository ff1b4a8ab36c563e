import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { apply, controllerOf, demandOf, plan } from './testing.ts';

/** Pools that nobody asks for any more. */
suite('planAutoPools()', () => {
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
});
