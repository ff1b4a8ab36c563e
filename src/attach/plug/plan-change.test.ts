import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { NetworkSelection } from '#networks';
import { displaces, type PresentNic, planChange } from './plan-change.ts';

function asks(name: string, more: Partial<NetworkSelection> = {}): NetworkSelection {
  return { namespace: 'default', name, ...more };
}

const DEFAULT: PresentNic = { ifname: 'eth0' };

function nic(ifname: string, selection: NetworkSelection): PresentNic {
  return { ifname, selection };
}

describe('planChange()', () => {
  test('nothing to do for the same elements in another order, or with their members in another order', () => {
    const present = [
      DEFAULT,
      nic('net1', asks('a', { ips: ['10.0.0.1'], mac: '02:00:00:00:00:01' })),
      nic('net2', asks('b')),
    ];
    const wanted = [asks('b'), { mac: '02:00:00:00:00:01', ips: ['10.0.0.1'], name: 'a', namespace: 'default' }];
    assert.deepEqual(planChange(present, wanted), { attach: [], detach: [], order: ['net2', 'net1'] });
  });

  test('new elements get the first free names, those of leaving ones among them', () => {
    const present = [DEFAULT, nic('net1', asks('a')), nic('net2', asks('b')), { ifname: 'net3' }];
    const { attach, detach, order } = planChange(present, [asks('b'), asks('c'), asks('d'), asks('e')]);
    assert.deepEqual(
      attach.map(({ ifname }) => ifname),
      ['net1', 'net4', 'net5'],
    );
    assert.deepEqual(detach, ['net1']);
    assert.deepEqual(order, ['net2', 'net1', 'net4', 'net5']);
  });

  test('one network twice: one of two stays where it is', () => {
    const present = [nic('net1', asks('a')), nic('net2', asks('a'))];
    assert.deepEqual(planChange(present, [asks('a')]), { attach: [], detach: ['net2'], order: ['net1'] });
  });

  test('an element that insists on a name keeps the interface of that name, and no other', () => {
    const present = [nic('net1', asks('a')), nic('net2', asks('a'))];
    assert.deepEqual(planChange(present, [asks('a', { interface: 'net2' })]).detach, ['net1']);
    const renamed = planChange(present, [asks('a', { interface: 'lan0' }), asks('a')]);
    assert.deepEqual(
      renamed.attach.map(({ ifname }) => ifname),
      ['lan0'],
    );
    assert.deepEqual(renamed.detach, ['net2']);
  });

  test('an element that says something else is another one', () => {
    const { attach, detach } = planChange([nic('net1', asks('a'))], [asks('a', { ips: ['10.0.0.9'] })]);
    assert.deepEqual(
      attach.map(({ ifname }) => ifname),
      ['net1'],
    );
    assert.deepEqual(detach, ['net1']);
  });

  test('refuses a name that stays taken, and the default route of a running pod', () => {
    assert.throws(() => planChange([DEFAULT], [asks('a', { interface: 'eth0' })]), { code: 'NETWORK_CONFIG' });
    assert.throws(() => planChange([DEFAULT], [asks('a', { defaultRoute: [] })]), /keeps its default routes/);
    const before = asks('a', { defaultRoute: ['10.0.0.1'] });
    assert.deepEqual(planChange([nic('net1', before)], [before]).attach, []);
  });

  test('whatever was there: once made, there is nothing more to do, and no name is there twice', () => {
    const selection = fc.record(
      {
        namespace: fc.constantFrom('default', 'other'),
        name: fc.constantFrom('a', 'b', 'c'),
        interface: fc.constantFrom('x', 'y', 'net2', 'net3'),
        mac: fc.constantFrom('02:00:00:00:00:01', '02:00:00:00:00:02'),
      },
      { requiredKeys: ['namespace', 'name'] },
    );
    const list = fc.uniqueArray(selection, { maxLength: 6, selector: one => one.interface ?? {} });
    fc.assert(
      fc.property(list, list, (first, second) => {
        let present: readonly PresentNic[] = [DEFAULT];
        for (const wanted of [first, second]) {
          const { attach, detach, order } = planChange(present, wanted);
          present = [...present.filter(({ ifname }) => !detach.includes(ifname)), ...attach];
          const names = present.map(({ ifname }) => ifname);
          assert.equal(new Set(names).size, names.length);
          assert.deepEqual(new Set(order), new Set(names.filter(name => name !== 'eth0')));
        }
        const again = planChange(present, second);
        assert.deepEqual([again.attach, again.detach], [[], []]);
      }),
    );
  });
});

test('displaces() knows what two interfaces cannot have at once', () => {
  const old = nic('net1', asks('a', { ips: ['10.0.0.1/24'], mac: '02:00:00:00:00:01', deviceId: '0000:01' }));
  const wants = (more: Partial<NetworkSelection>) => ({ ifname: 'net2', selection: asks('b', more) });
  assert.equal(displaces({ ifname: 'net1', selection: asks('b') }, old), true);
  assert.equal(displaces(wants({ ips: ['10.0.0.1'] }), old), true);
  assert.equal(displaces(wants({ mac: '02:00:00:00:00:01' }), old), true);
  assert.equal(displaces(wants({ deviceId: '0000:01' }), old), true);
  assert.equal(displaces(wants({ ips: ['10.0.0.2'] }), old), false);
});
