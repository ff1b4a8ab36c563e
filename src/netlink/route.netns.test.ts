import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { addAddress } from './address.ts';
import { addRoute, deleteRoute, listRoutes } from './route.ts';
import { pick, type TestNamespace, withLink } from './testing.ts';

const options = skipUnlessRing2();

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

  test('adds and deletes routes with several gateways on one link', () =>
    withLink((here, ifindex) => {
      addAddress(here.socket, { ifindex, address: '172.18.0.10/16' });
      addAddress(here.socket, { ifindex, address: 'fd00::10/64' });
      const ways = { ifindex, via: '172.18.0.1', moreVias: ['172.18.0.2', '172.18.0.3'] };
      const ways6 = { ifindex, via: 'fd00::1', moreVias: ['fd00::2'] };
      addRoute(here.socket, { ...ways, dst: '0.0.0.0/0' });
      addRoute(here.socket, { ...ways6, dst: '::/0' });
      const hops = (family: '-4' | '-6') =>
        here.ipJson(`${family} route show default`).map(route => pick(hopsOf(route), 'gateway', 'dev', 'weight'));
      assert.deepEqual(hops('-4'), [
        ['172.18.0.1', '172.18.0.2', '172.18.0.3'].map(gateway => ({ gateway, dev: 'a0', weight: 1 })),
      ]);
      assert.deepEqual(hops('-6'), [['fd00::1', 'fd00::2'].map(gateway => ({ gateway, dev: 'a0', weight: 1 }))]);
      assert.deepEqual(
        listRoutes(here.socket).find(route => route.dst === '::/0')?.nexthops,
        ['fd00::1', 'fd00::2'].map(via => ({ dev: 'a0', via, weight: 1 })),
      );
      deleteRoute(here.socket, { ...ways, dst: '0.0.0.0/0' });
      deleteRoute(here.socket, { ...ways6, dst: '::/0' });
      assert.deepEqual([...hops('-4'), ...hops('-6')], []);
    }));

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

describe('addRoute() and listRoutes()', options, () => {
  test('carry the metrics mtu and advmss', () =>
    withLink((here, ifindex) => {
      addRoute(here.socket, { ifindex, dst: '10.8.0.0/16', mtu: 1400, advmss: 1300 });
      addRoute(here.socket, { ifindex, dst: 'fd08::/64', mtu: 1280 });
      const shown = [...here.ipJson('-4 route show 10.8.0.0/16'), ...here.ipJson('-6 route show fd08::/64')];
      assert.deepEqual(
        shown.map(route => route['metrics']),
        [[{ mtu: 1400, advmss: 1300 }], [{ mtu: 1280 }]],
      );
      const listed = listRoutes(here.socket).filter(route => /^(10\.8|fd08)/.test(route.dst));
      assert.deepEqual(
        byDst(listed).map(route => [route.mtu, route.advmss]),
        [
          [1400, 1300],
          [1280, undefined],
        ],
      );
    }));

  test('tell the ways of an IPv6 route that has grown by one, each of which can be taken away', () =>
    withLink((here, ifindex) => {
      addAddress(here.socket, { ifindex, address: 'fd00::10/64' });
      addRoute(here.socket, { ifindex, dst: '::/0', via: 'fd00::1' });
      assert.throws(() => addRoute(here.socket, { ifindex, dst: '::/0', via: 'fd00::2' }), { code: 'EEXIST' });
      addRoute(here.socket, { ifindex, dst: '::/0', via: 'fd00::2' }, { beside: true });
      const defaultRoute = () => listRoutes(here.socket).find(route => route.dst === '::/0');
      assert.deepEqual(defaultRoute()?.nexthops, [
        { dev: 'a0', weight: 1, via: 'fd00::1' },
        { dev: 'a0', weight: 1, via: 'fd00::2' },
      ]);
      deleteRoute(here.socket, { ifindex, dst: '::/0', via: 'fd00::2' });
      assert.equal(defaultRoute()?.via, 'fd00::1');
    }));

  test('put an IPv4 route before one of the same destination, and take only that one away', () =>
    withLink((here, ifindex) => {
      addAddress(here.socket, { ifindex, address: '10.1.0.10/24' });
      addRoute(here.socket, { ifindex, dst: '0.0.0.0/0', via: '10.1.0.1' });
      addRoute(here.socket, { ifindex, dst: '0.0.0.0/0', via: '10.1.0.2' }, { beside: true });
      const gateways = () => here.ipJson('-4 route show default').map(route => route['gateway']);
      assert.deepEqual(gateways(), ['10.1.0.2', '10.1.0.1']);
      deleteRoute(here.socket, { ifindex, dst: '0.0.0.0/0', via: '10.1.0.2' });
      assert.deepEqual(gateways(), ['10.1.0.1']);
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
        {
          family: 4,
          dst: '10.3.0.0/16',
          table: 254,
          scope: 'universe',
          protocol: 3,
          nexthops: [
            { dev: 'a0', weight: 1, via: '10.1.0.2' },
            { dev: 'a0', weight: 1, via: '10.1.0.3' },
          ],
        },
      ]);
    }));
});

function byDst<T extends { readonly dst: string }>(routes: readonly T[]): T[] {
  return routes.toSorted((a, b) => (a.dst < b.dst ? -1 : 1));
}

function hopsOf(route: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  assert.ok(Array.isArray(route['nexthops']));
  return route['nexthops'];
}
