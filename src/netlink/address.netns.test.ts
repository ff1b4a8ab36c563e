import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { addAddress, deleteAddress, listAddresses, listTentativeAddresses } from './address.ts';
import { type IpObject, pick, type TestNamespace, withLink } from './testing.ts';

const options = skipUnlessRing2();

describe('addAddress()', options, () => {
  const show = (here: TestNamespace): unknown[] =>
    pick(
      (here.ipJson('address show dev a0')[0]?.['addr_info'] ?? []) as IpObject[],
      'family',
      'local',
      'prefixlen',
      'broadcast',
      'scope',
      'nodad',
      'tentative',
    );

  test('adds IPv4 with its broadcast address, /31 and /32 without, and IPv6 usable at once', () =>
    withLink((here, ifindex) => {
      addAddress(here.socket, { ifindex, address: '172.18.0.10/16' });
      addAddress(here.socket, { ifindex, address: '10.0.0.2/31' });
      addAddress(here.socket, { ifindex, address: '169.254.1.1/32', scope: 'link' });
      addAddress(here.socket, { ifindex, address: 'fd00::10/64' });
      // The kernel puts narrower scopes first.
      assert.deepEqual(show(here), [
        { family: 'inet', local: '169.254.1.1', prefixlen: 32, scope: 'link' },
        { family: 'inet', local: '172.18.0.10', prefixlen: 16, broadcast: '172.18.255.255', scope: 'global' },
        { family: 'inet', local: '10.0.0.2', prefixlen: 31, scope: 'global' },
        { family: 'inet6', local: 'fd00::10', prefixlen: 64, scope: 'global', nodad: true },
      ]);
      assert.deepEqual(listAddresses(here.socket), [
        { dev: 'a0', address: '169.254.1.1/32', scope: 'link' },
        { dev: 'a0', address: '172.18.0.10/16', scope: 'universe' },
        { dev: 'a0', address: '10.0.0.2/31', scope: 'universe' },
        { dev: 'a0', address: 'fd00::10/64', scope: 'universe' },
      ]);
    }));

  test('deleteAddress() takes exactly that one away', () =>
    withLink((here, ifindex) => {
      for (const address of ['172.18.0.10/16', '172.18.0.11/16', 'fd00::10/64'])
        addAddress(here.socket, { ifindex, address });
      deleteAddress(here.socket, { ifindex, address: '172.18.0.11/16' });
      deleteAddress(here.socket, { ifindex, address: 'fd00::10/64' });
      assert.deepEqual(show(here), [
        { family: 'inet', local: '172.18.0.10', prefixlen: 16, broadcast: '172.18.255.255', scope: 'global' },
      ]);
    }));

  test('says what is wrong: present, absent, no link, no address', () =>
    withLink((here, ifindex) => {
      addAddress(here.socket, { ifindex, address: '10.0.0.1/24' });
      assert.throws(() => addAddress(here.socket, { ifindex, address: '10.0.0.1/24' }), {
        code: 'EEXIST',
        message: /^Cannot add address "10.0.0.1\/24" to link \d+: EEXIST/,
      });
      assert.throws(() => deleteAddress(here.socket, { ifindex, address: '10.0.0.2/24' }), { code: 'EADDRNOTAVAIL' });
      assert.throws(() => addAddress(here.socket, { ifindex: 4711, address: '10.0.0.1/24' }), { code: 'ENODEV' });
      assert.throws(() => addAddress(here.socket, { ifindex, address: '10.0.0.300/24' }), {
        code: 'EINVAL',
        message: /"10.0.0.300\/24"/,
      });
    }));
});

describe('listAddresses()', options, () => {
  test('tells the own end of a point-to-point address, and not an address that is still being probed', () =>
    withLink(here => {
      here.ip('address add 10.0.0.1 peer 10.0.0.2/30 dev a0');
      here.ip('address add fd00::1/64 dev b0');
      assert.deepEqual(
        pick((here.ipJson('address show dev b0')[0]?.['addr_info'] ?? []) as IpObject[], 'local', 'tentative'),
        [{ local: 'fd00::1', tentative: true }],
      );
      assert.deepEqual(listAddresses(here.socket), [{ dev: 'a0', address: '10.0.0.1/30', scope: 'universe' }]);
      assert.deepEqual(listTentativeAddresses(here.socket), [{ dev: 'b0', address: 'fd00::1/64', scope: 'universe' }]);
    }));
});
