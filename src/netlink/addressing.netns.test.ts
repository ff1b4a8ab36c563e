import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addAddress, deleteAddress, listAddresses } from './address.ts';
import { findLink } from './link.ts';
import { deleteNeighbour, listNeighbours, replaceNeighbour } from './neighbour.ts';
import { addRoute, deleteRoute, listRoutes } from './route.ts';
import { addRule, deleteRule, listRules } from './rule.ts';
import { type IpObject, skipUnlessRing2, type TestNamespace, withNamespaces } from './testing.ts';

const options = skipUnlessRing2();

/** A namespace with an up `a0` that has no addresses of its own making. */
function withLink(use: (here: TestNamespace, ifindex: number) => void): Promise<void> {
  return withNamespaces(here => {
    here.ip('link add a0 type veth peer name b0');
    here.ip('link set a0 addrgenmode none');
    here.ip('link set b0 addrgenmode none');
    here.ip('link set b0 up');
    here.ip('link set a0 up');
    use(here, findLink(here.socket, 'a0')?.ifindex ?? 0);
  });
}

function pick(objects: readonly IpObject[], ...keys: readonly string[]): unknown[] {
  return objects.map(object =>
    Object.fromEntries(keys.filter(key => object[key] !== undefined).map(key => [key, object[key]])),
  );
}

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
    }));
});

describe('addRoute()', options, () => {
  const show = (here: TestNamespace, family: '-4' | '-6', table: string): unknown[] =>
    pick(
      here.ipJson(`${family} route show table ${table}`),
      'dst',
      'gateway',
      'via',
      'dev',
      'prefsrc',
      'metric',
      'protocol',
      'scope',
      'type',
    );

  test('adds IPv4 routes with every field', () =>
    withLink((here, ifindex) => {
      addAddress(here.socket, { ifindex, address: '172.18.0.10/16' });
      addAddress(here.socket, { ifindex, address: 'fd00::10/64' });
      addRoute(here.socket, { ifindex, dst: '0.0.0.0/0', via: '172.18.0.1' });
      addRoute(here.socket, {
        ifindex,
        dst: '10.96.0.5/12',
        via: '172.18.0.2',
        src: '172.18.0.10',
        metric: 7,
        protocol: 4,
      });
      addRoute(here.socket, { ifindex, dst: '10.1.2.3/32', table: 100 });
      addRoute(here.socket, { ifindex, dst: '10.2.0.0/16', table: 70_000, scope: 'universe' });
      addRoute(here.socket, { ifindex, dst: '10.3.0.0/16', table: 100, via: 'fd00::1' });
      assert.deepEqual(show(here, '-4', 'main'), [
        { dst: 'default', gateway: '172.18.0.1', dev: 'a0', protocol: 'boot', scope: 'global', type: 'unicast' },
        {
          dst: '10.96.0.0/12',
          gateway: '172.18.0.2',
          dev: 'a0',
          prefsrc: '172.18.0.10',
          metric: 7,
          protocol: 'static',
          scope: 'global',
          type: 'unicast',
        },
        { dst: '172.18.0.0/16', dev: 'a0', prefsrc: '172.18.0.10', protocol: 'kernel', scope: 'link', type: 'unicast' },
      ]);
      assert.deepEqual(show(here, '-4', '100'), [
        { dst: '10.1.2.3', dev: 'a0', protocol: 'boot', scope: 'link', type: 'unicast' },
        {
          dst: '10.3.0.0/16',
          via: { family: 'inet6', host: 'fd00::1' },
          dev: 'a0',
          protocol: 'boot',
          scope: 'global',
          type: 'unicast',
        },
      ]);
      assert.deepEqual(show(here, '-4', '70000'), [
        { dst: '10.2.0.0/16', dev: 'a0', protocol: 'boot', scope: 'global', type: 'unicast' },
      ]);
      const common = { family: 4, dev: 'a0', protocol: 3 } as const;
      assert.deepEqual(byDst(listRoutes(here.socket).filter(route => route.family === 4)), [
        { ...common, dst: '0.0.0.0/0', via: '172.18.0.1', table: 254, scope: 'universe' },
        { ...common, dst: '10.1.2.3/32', table: 100, scope: 'link' },
        { ...common, dst: '10.2.0.0/16', table: 70_000, scope: 'universe' },
        { ...common, dst: '10.3.0.0/16', via: 'fd00::1', table: 100, scope: 'universe' },
        {
          ...common,
          dst: '10.96.0.0/12',
          via: '172.18.0.2',
          src: '172.18.0.10',
          metric: 7,
          protocol: 4,
          table: 254,
          scope: 'universe',
        },
        { ...common, dst: '172.18.0.0/16', src: '172.18.0.10', protocol: 2, table: 254, scope: 'link' },
      ]);
    }));

  test('adds IPv6 routes', () =>
    withLink((here, ifindex) => {
      addAddress(here.socket, { ifindex, address: 'fd00::10/64' });
      addRoute(here.socket, { ifindex, dst: '::/0', via: 'fd00::1' });
      addRoute(here.socket, {
        ifindex,
        dst: 'fd00:96::/112',
        via: 'fd00::2',
        src: 'fd00::10',
        metric: 7,
        table: 1000,
        scope: 'link',
      });
      assert.deepEqual(pick(here.ipJson('-6 route show default'), 'dst', 'gateway', 'dev', 'metric', 'protocol'), [
        { dst: 'default', gateway: 'fd00::1', dev: 'a0', metric: 1024, protocol: 'boot' },
      ]);
      assert.deepEqual(pick(here.ipJson('-6 route show table 1000'), 'dst', 'gateway', 'dev', 'prefsrc', 'metric'), [
        { dst: 'fd00:96::/112', gateway: 'fd00::2', dev: 'a0', prefsrc: 'fd00::10', metric: 7 },
      ]);
      const common = { family: 6, dev: 'a0', protocol: 3, scope: 'universe' } as const;
      assert.deepEqual(byDst(listRoutes(here.socket).filter(route => route.family === 6)), [
        { ...common, dst: '::/0', via: 'fd00::1', table: 254, metric: 1024 },
        { ...common, dst: 'fd00:96::/112', via: 'fd00::2', src: 'fd00::10', table: 1000, metric: 7 },
        { ...common, dst: 'fd00::/64', protocol: 2, table: 254, metric: 256 },
      ]);
    }));

  test('replace puts the new route in place of the old one, and adds where there is none', () =>
    withLink((here, ifindex) => {
      addAddress(here.socket, { ifindex, address: '172.18.0.10/16' });
      addRoute(here.socket, { ifindex, dst: '0.0.0.0/0', via: '172.18.0.1' }, { replace: true });
      assert.throws(() => addRoute(here.socket, { ifindex, dst: '0.0.0.0/0', via: '172.18.0.2' }), {
        code: 'EEXIST',
        message: `Cannot add route "0.0.0.0/0 via 172.18.0.2 dev #${ifindex}": EEXIST`,
      });
      addRoute(here.socket, { ifindex, dst: '0.0.0.0/0', via: '172.18.0.2' }, { replace: true });
      assert.deepEqual(pick(here.ipJson('-4 route show default'), 'gateway'), [{ gateway: '172.18.0.2' }]);
    }));

  test('says why the kernel refuses', () =>
    withLink((here, ifindex) => {
      assert.throws(() => addRoute(here.socket, { ifindex, dst: '10.0.0.0/8', via: '192.0.2.1' }), {
        code: 'ENETUNREACH',
        message: `Cannot add route "10.0.0.0/8 via 192.0.2.1 dev #${ifindex}": ENETUNREACH (Nexthop has invalid gateway)`,
      });
      assert.throws(() => addRoute(here.socket, { ifindex: 4711, dst: '10.0.0.0/8' }), { code: 'ENODEV' });
      assert.throws(() => addRoute(here.socket, { ifindex, dst: 'default' }), { code: 'EINVAL', message: /"default"/ });
    }));

  test('deleteRoute() takes exactly that one away', () =>
    withLink((here, ifindex) => {
      addAddress(here.socket, { ifindex, address: '172.18.0.10/16' });
      const spec = { ifindex, dst: '10.0.0.0/8', via: '172.18.0.1' } as const;
      for (const more of [{}, { metric: 7 }, { table: 100 }]) addRoute(here.socket, { ...spec, ...more });
      assert.throws(() => deleteRoute(here.socket, { ...spec, protocol: 4 }), { code: 'ESRCH' });
      deleteRoute(here.socket, { ...spec, metric: 7 });
      assert.deepEqual(pick(here.ipJson('-4 route show 10.0.0.0/8 table all'), 'table', 'metric'), [
        { table: '100' },
        { table: 'main' },
      ]);
      deleteRoute(here.socket, { ...spec, protocol: 3, scope: 'universe' });
      deleteRoute(here.socket, { ...spec, table: 100 });
      assert.deepEqual(here.ipJson('-4 route show 10.0.0.0/8 table all'), []);
      assert.throws(() => deleteRoute(here.socket, spec), {
        code: 'ESRCH',
        message: /^Cannot delete route "10.0.0.0\/8 via 172.18.0.1 dev #\d+": ESRCH/,
      });
    }));
});

describe('listRoutes()', options, () => {
  test('tells routes without one way out as such, and leaves out what the kernel keeps for its addresses', () =>
    withLink(here => {
      here.ip('address add 10.1.0.1/24 dev a0');
      here.ip('route add blackhole 10.2.0.0/16');
      here.ip('route add 10.3.0.0/16 nexthop via 10.1.0.2 dev a0 nexthop via 10.1.0.3 dev a0');
      assert.ok(here.ipJson('route show table local').length > 0);
      assert.deepEqual(byDst(listRoutes(here.socket).filter(route => route.family === 4)), [
        { family: 4, dst: '10.1.0.0/24', dev: 'a0', src: '10.1.0.1', table: 254, scope: 'link', protocol: 2 },
        { family: 4, dst: '10.2.0.0/16', table: 254, scope: 'universe', protocol: 3 },
        { family: 4, dst: '10.3.0.0/16', table: 254, scope: 'universe', protocol: 3 },
      ]);
    }));
});

describe('addRule()', options, () => {
  const show = (here: TestNamespace, family: '-4' | '-6'): unknown[] =>
    pick(
      here.ipJson(`${family} rule show`).filter(rule => !DEFAULT_PRIORITIES.includes(rule['priority'])),
      'priority',
      'src',
      'dst',
      'dstlen',
      'iif',
      'fwmark',
      'fwmask',
      'table',
      'protocol',
    );
  const DEFAULT_PRIORITIES: readonly unknown[] = [0, 32_766, 32_767];

  test('adds rules with every selector, which listRules() tells', () =>
    withNamespaces(here => {
      const rules = [
        { family: 4, priority: 500, from: '172.18.0.10', table: 1000 },
        { family: 4, priority: 501, to: '10.96.0.0/12', iif: 'lo', fwmark: 0x10, fwmask: 0xff, table: 100 },
        { family: 4, priority: 502, fwmark: 0x80000000, table: 70_000 },
        { family: 6, priority: 500, from: 'fd00::10/128', to: 'fd00:96::/112', table: 1000 },
      ] as const;
      for (const rule of rules) addRule(here.socket, rule);
      assert.deepEqual(show(here, '-4'), [
        { priority: 500, src: '172.18.0.10', table: '1000', protocol: 'unspec' },
        {
          priority: 501,
          src: 'all',
          dst: '10.96.0.0',
          dstlen: 12,
          iif: 'lo',
          fwmark: '0x10',
          fwmask: '0xff',
          table: '100',
          protocol: 'unspec',
        },
        { priority: 502, src: 'all', fwmark: '0x80000000', table: '70000', protocol: 'unspec' },
      ]);
      assert.deepEqual(show(here, '-6'), [
        { priority: 500, src: 'fd00::10', dst: 'fd00:96::', dstlen: 112, table: '1000', protocol: 'unspec' },
      ]);
      const listed = listRules(here.socket).filter(rule => !DEFAULT_PRIORITIES.includes(rule.priority));
      assert.deepEqual(listed, [
        { ...rules[0], from: '172.18.0.10/32' },
        rules[1],
        { ...rules[2], fwmask: 0xffffffff },
        rules[3],
      ]);
    }));

  test('refuses the very same rule twice; deleteRule() takes it away once', () =>
    withNamespaces(here => {
      const rule = { family: 4, priority: 500, from: '172.18.0.10', table: 1000 } as const;
      addRule(here.socket, rule);
      assert.throws(() => addRule(here.socket, rule), {
        code: 'EEXIST',
        message: 'Cannot add rule "500: from 172.18.0.10 lookup 1000": EEXIST',
      });
      addRule(here.socket, { ...rule, from: '172.18.0.11' });
      deleteRule(here.socket, rule);
      assert.deepEqual(show(here, '-4'), [{ priority: 500, src: '172.18.0.11', table: '1000', protocol: 'unspec' }]);
      assert.throws(() => deleteRule(here.socket, rule), { code: 'ENOENT' });
    }));

  test('tells whose rule it is; deleteRule() with a protocol takes that one only', () =>
    withNamespaces(here => {
      const rule = { family: 4, priority: 500, table: 1000 } as const;
      addRule(here.socket, { ...rule, protocol: 3 });
      addRule(here.socket, { ...rule, from: '10.0.0.1', protocol: 4 });
      deleteRule(here.socket, { ...rule, protocol: 4 });
      assert.deepEqual(show(here, '-4'), [{ priority: 500, src: 'all', table: '1000', protocol: 'boot' }]);
    }));

  test('refuses a selector of the other family, naming it', () =>
    withNamespaces(here => {
      assert.throws(() => addRule(here.socket, { family: 4, priority: 500, from: 'fd00::1', table: 100 }), {
        code: 'EINVAL',
        message: 'Cannot add rule "500: from fd00::1 lookup 100": EINVAL (prefix "fd00::1": expected IPv4)',
      });
    }));
});

describe('listRules()', options, () => {
  test('leaves out rules that a fact cannot tell', () =>
    withNamespaces(here => {
      const before = listRules(here.socket);
      for (const rule of [
        'not from 10.0.0.1 table 100',
        'oif lo table 100',
        'uidrange 0-0 table 100',
        'tos 0x10 table 100',
      ])
        here.ip(`rule add ${rule}`);
      for (const rule of [
        'ipproto tcp dport 80 table 100',
        'from 10.0.0.1 blackhole',
        'table main suppress_prefixlength 0',
      ])
        here.ip(`rule add ${rule}`);
      assert.equal(here.ipJson('-4 rule show').length, 3 + 7);
      assert.deepEqual(listRules(here.socket), before);
    }));
});

describe('replaceNeighbour()', options, () => {
  const show = (here: TestNamespace): unknown[] => pick(here.ipJson('neighbour show'), 'dst', 'dev', 'lladdr', 'state');

  test('sets a permanent entry in place of whatever was there', () =>
    withLink((here, ifindex) => {
      here.ip('neighbour add 172.18.0.2 lladdr 02:00:00:00:00:99 dev a0 nud stale');
      replaceNeighbour(here.socket, { ifindex, address: '172.18.0.2', lladdr: '02:00:00:00:00:01' });
      replaceNeighbour(here.socket, { ifindex, address: 'fd00::2', lladdr: '02:00:00:00:00:02' });
      assert.deepEqual(show(here), [
        { dst: '172.18.0.2', dev: 'a0', lladdr: '02:00:00:00:00:01', state: ['PERMANENT'] },
        { dst: 'fd00::2', dev: 'a0', lladdr: '02:00:00:00:00:02', state: ['PERMANENT'] },
      ]);
      here.ip('neighbour add 172.18.0.3 lladdr 02:00:00:00:00:03 dev b0 nud reachable');
      assert.deepEqual(
        listNeighbours(here.socket).toSorted((a, b) => (a.address < b.address ? -1 : 1)),
        [
          { family: 4, address: '172.18.0.2', dev: 'a0', lladdr: '02:00:00:00:00:01', isPermanent: true },
          { family: 4, address: '172.18.0.3', dev: 'b0', lladdr: '02:00:00:00:00:03', isPermanent: false },
          { family: 6, address: 'fd00::2', dev: 'a0', lladdr: '02:00:00:00:00:02', isPermanent: true },
        ],
      );
    }));

  test('deleteNeighbour() takes it away, and says when there is none', () =>
    withLink((here, ifindex) => {
      replaceNeighbour(here.socket, { ifindex, address: '172.18.0.2', lladdr: '02:00:00:00:00:01' });
      deleteNeighbour(here.socket, { ifindex, address: '172.18.0.2' });
      assert.deepEqual(
        listNeighbours(here.socket).filter(each => each.lladdr !== undefined),
        [],
      );
      assert.throws(() => deleteNeighbour(here.socket, { ifindex, address: '172.18.0.9' }), { code: 'ENOENT' });
      assert.throws(() => deleteNeighbour(here.socket, { ifindex: 4711, address: '172.18.0.9' }), { code: 'ENODEV' });
    }));
});

function byDst<T extends { readonly dst: string }>(routes: readonly T[]): T[] {
  return routes.toSorted((a, b) => (a.dst < b.dst ? -1 : 1));
}
