import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CniResult, parseResult, SUPPORTED_VERSIONS, toVersionedResult } from '#cni';
import { type RouteFact, RT_TABLE_MAIN } from '#facts';
import { moveDefaultRoutes, type RoutedAttachment } from './default-routes.ts';

function attachment(ifname: string, net: number, defaultRoute?: readonly string[]): RoutedAttachment {
  const result: CniResult = {
    interfaces: [{ name: ifname, sandbox: '/run/netns/x' }],
    ips: [
      { address: `10.${net}.0.5/24`, gateway: `10.${net}.0.1`, interface: 0 },
      { address: `fd00:${net}::5/64`, gateway: `fd00:${net}::1`, interface: 0 },
    ],
    routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0', gw: `fd00:${net}::1` }, { dst: '10.99.0.0/16' }],
    dns: {},
  };
  return { network: `ns/n${net}`, ifname, result, ...(defaultRoute === undefined ? {} : { defaultRoute }) };
}

function route(dst: string, dev: string, via?: string): RouteFact {
  const family = dst.includes(':') ? 6 : 4;
  const scope = via === undefined && family === 4 ? 'link' : 'universe';
  return { family, dst, dev, table: RT_TABLE_MAIN, scope, protocol: 3, ...(via === undefined ? {} : { via }) };
}

const routes: readonly RouteFact[] = [
  route('0.0.0.0/0', 'eth0', '10.1.0.1'),
  route('::/0', 'eth0', 'fd00:1::1'),
  route('10.1.0.0/24', 'eth0'),
  route('10.2.0.0/24', 'net1'),
  route('fd00:2::/64', 'net1'),
  { ...route('0.0.0.0/0', 'net1', '10.2.0.1'), table: 100 },
];

/** `-` for what is taken away, `+` for what is made, as `DST VIA DEV`. */
function moves(attachments: readonly RoutedAttachment[], facts = routes): readonly (readonly string[])[] {
  return moveDefaultRoutes(attachments, facts).wirings.map(wiring =>
    wiring.map(item => {
      const subject = item.kind === 'absent' ? item.what : item;
      assert.ok(subject.kind === 'route');
      const vias = [subject.via, ...(subject.moreVias ?? [])].join('+');
      return `${item.kind === 'absent' ? '-' : '+'} ${subject.dst} ${vias} ${subject.dev}`;
    }),
  );
}

describe('moveDefaultRoutes()', () => {
  it('does nothing where no attachment asks', () => {
    const plain = [attachment('eth0', 1), attachment('net1', 2)];
    assert.deepEqual(moves(plain), [[], []]);
    assert.deepEqual(
      moveDefaultRoutes(plain, routes).results,
      plain.map(({ result }) => result),
    );
  });
  it('moves one family and leaves the other', () => {
    assert.deepEqual(moves([attachment('eth0', 1), attachment('net1', 2, ['10.2.0.254'])]), [
      [],
      ['- 0.0.0.0/0 10.1.0.1 eth0', '+ 0.0.0.0/0 10.2.0.254 net1'],
    ]);
    assert.deepEqual(moves([attachment('eth0', 1), attachment('net1', 2, ['fd00:2::fe'])]), [
      [],
      ['- ::/0 fd00:1::1 eth0', '+ ::/0 fd00:2::fe net1'],
    ]);
  });
  it('moves each family to an attachment of its own', () => {
    const asked = [attachment('eth0', 1), attachment('net1', 2, ['10.2.0.254']), attachment('net2', 3, ['fe80::1'])];
    assert.deepEqual(moves(asked), [
      [],
      ['- 0.0.0.0/0 10.1.0.1 eth0', '+ 0.0.0.0/0 10.2.0.254 net1'],
      ['- ::/0 fd00:1::1 eth0', '+ ::/0 fe80::1 net2'],
    ]);
  });
  it('shares the traffic among several gateways', () => {
    assert.deepEqual(moves([attachment('eth0', 1), attachment('net1', 2, ['10.2.0.2', '10.2.0.3'])])[1], [
      '- 0.0.0.0/0 10.1.0.1 eth0',
      '+ 0.0.0.0/0 10.2.0.2+10.2.0.3 net1',
    ]);
  });
  it("keeps what the attachment's own plugins make of an empty list, and takes away the others'", () => {
    assert.deepEqual(moves([attachment('eth0', 1), attachment('net1', 2, [])])[1], [
      '- 0.0.0.0/0 10.1.0.1 eth0',
      '+ 0.0.0.0/0 10.2.0.1 net1',
      '- ::/0 fd00:1::1 eth0',
      '+ ::/0 fd00:2::1 net1',
    ]);
    const none = attachment('net1', 2, []);
    const without = { ...none, result: { ...none.result, routes: [] } };
    assert.deepEqual(moves([attachment('eth0', 1), without]), [[], []]);
  });
  it('leaves a route that is there already as it is', () => {
    const facts = [route('0.0.0.0/0', 'net1', '10.2.0.1'), route('10.2.0.0/24', 'net1')];
    assert.deepEqual(moves([attachment('eth0', 1), attachment('net1', 2, ['10.2.0.1'])], facts)[1], [
      '+ 0.0.0.0/0 10.2.0.1 net1',
    ]);
  });
  it('takes each way of a route that the kernel has joined from two links', () => {
    const { dev: _dev, via: _via, ...joined } = route('::/0', 'eth0', 'x');
    const nexthops = [
      { dev: 'eth0', via: 'fd00:1::1', weight: 1 },
      { dev: 'net1', via: 'fd00:2::1', weight: 1 },
    ];
    const facts = [{ ...joined, nexthops }, route('fd00:2::/64', 'net1')];
    assert.deepEqual(moves([attachment('eth0', 1), attachment('net1', 2, ['fd00:2::fe'])], facts)[1], [
      '- ::/0 fd00:1::1 eth0',
      '- ::/0 fd00:2::1 net1',
      '+ ::/0 fd00:2::fe net1',
    ]);
  });
  it('tells in every result the default routes that it has now, and all others', () => {
    const { results } = moveDefaultRoutes([attachment('eth0', 1), attachment('net1', 2, ['10.2.0.254'])], routes);
    assert.deepEqual(results[0]?.routes, [{ dst: '::/0', gw: 'fd00:1::1' }, { dst: '10.99.0.0/16' }]);
    assert.deepEqual(results[1]?.routes, [
      { dst: '::/0', gw: 'fd00:2::1' },
      { dst: '10.99.0.0/16' },
      { dst: '0.0.0.0/0', gw: '10.2.0.254' },
    ]);
  });
  for (const version of SUPPORTED_VERSIONS) {
    it(`default gateway removal and addition in a result of ${version}, of either family`, () => {
      const { result } = attachment('eth0', 1);
      for (const [gateway, other] of [
        ['10.2.0.254', '::/0'],
        ['fd00:2::fe', '0.0.0.0/0'],
      ] as const) {
        for (const kept of [result, { ...result, routes: [] }]) {
          // What a plugin of that version printed.
          const printed = parseResult(JSON.stringify(toVersionedResult(kept, version)), version);
          const asked = [{ ...attachment('eth0', 1), result: printed }, attachment('net1', 2, [gateway])];
          const { results } = moveDefaultRoutes(asked, routes);
          const [own, moved] = results.map(each => {
            const again = parseResult(JSON.stringify(toVersionedResult(each, version)), version);
            return again.routes.filter(({ dst }) => dst.endsWith('/0')).map(({ dst, gw }) => `${dst} ${gw ?? ''}`);
          });
          assert.deepEqual(
            own?.map(text => text.split(' ')[0]),
            kept === result ? [other] : [],
          );
          assert.ok(
            moved?.some(text => text.endsWith(` ${gateway}`)),
            `${version}: ${moved?.join()}`,
          );
        }
      }
    });
  }
  it('refuses a gateway that is not on the link, naming the subnets', () => {
    assert.throws(() => moves([attachment('eth0', 1), attachment('net1', 2, ['10.1.0.1'])]), {
      code: 'NETWORK_CONFIG',
      message:
        'Cannot attach network "ns/n2": default-route is "10.1.0.1", expected a gateway in a subnet of "net1" (10.2.0.0/24, fd00:2::/64)',
    });
  });
});
