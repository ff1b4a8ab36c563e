import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { macvlanAndVeth } from './testing.ts';
import { formatChange, formatItem } from './trace.ts';
import type { WiringItem } from './wiring.ts';

describe('formatItem()', () => {
  test('gives the command that would make each item', () => {
    assert.deepEqual(macvlanAndVeth.map(formatItem), [
      'ip -n pod link add eth0 link up0 (host) up address 0a:58:ac:12:00:0a type macvlan mode bridge',
      'ip -n pod address add 172.18.0.10/16 dev eth0',
      'ip -n pod route add 0.0.0.0/0 via 172.18.0.1 dev eth0',
      'ip -n pod link add veth0 up mtu 1500 address 0a:58:00:00:00:01 type veth peer name vethabcdef01234 up mtu 1500 address 0a:58:00:00:00:02 netns host',
      'sysctl -w net/ipv6/conf/vethabcdef01234/accept_ra=0',
      'sysctl -w net/ipv4/conf/vethabcdef01234/rp_filter=2',
      'ip -n pod neighbour replace 172.18.0.2 dev veth0 lladdr 0a:58:00:00:00:02 nud permanent',
      'ip -n pod route add 172.18.0.2/32 dev veth0',
      'ip -n pod route add 10.96.0.0/12 via 172.18.0.2 dev veth0',
      'ip -n pod route add 10.244.0.0/16 via 172.18.0.2 dev veth0',
      'ip neighbour replace 172.18.0.10 dev vethabcdef01234 lladdr 0a:58:00:00:00:01 nud permanent',
      'ip route add 172.18.0.10/32 dev vethabcdef01234',
    ]);
  });

  test('spells rules, bridges, links of others and IPv6 routes', () => {
    const items: WiringItem[] = [
      { kind: 'rule', place: 'host', family: 4, priority: 1000, table: 500 },
      { kind: 'rule', place: 'pod', family: 6, priority: 5, from: 'fd00::1/128', fwmark: 16, fwmask: 240, table: 9 },
      { kind: 'rule', place: 'host', family: 4, priority: 7, iif: 'v1', to: '10.0.0.0/8', table: 9 },
      { kind: 'link', place: 'host', name: 'br0', link: { type: 'bridge' }, isUp: true },
      { kind: 'link', place: 'host', name: 'up0', link: { type: 'existing' }, isUp: true, bridge: 'br0' },
      { kind: 'route', place: 'pod', dst: '::/0', via: 'fd00::1', dev: 'eth0', table: 100, metric: 5 },
      { kind: 'sysctl', place: 'pod', path: 'net/ipv4/ip_forward', value: '1' },
    ];
    assert.deepEqual(items.map(formatItem), [
      'ip rule add priority 1000 from all table 500',
      'ip -n pod -6 rule add priority 5 from fd00::1/128 fwmark 0x10/0xf0 table 9',
      'ip rule add priority 7 from all to 10.0.0.0/8 iif v1 table 9',
      'ip link add br0 up type bridge',
      'ip link set up0 up master br0',
      'ip -n pod -6 route add ::/0 via fd00::1 dev eth0 table 100 metric 5',
      'ip netns exec pod sysctl -w net/ipv4/ip_forward=1',
    ]);
  });
});

describe('formatChange()', () => {
  test('tells what is replaced and what is kept', () => {
    const item: WiringItem = { kind: 'route', place: 'host', dst: '10.0.0.0/8', dev: 'a' };
    assert.equal(formatChange({ op: 'create', item }), 'ip route add 10.0.0.0/8 dev a');
    assert.equal(formatChange({ op: 'keep', item }), '# already there: ip route add 10.0.0.0/8 dev a');
    assert.equal(
      formatChange({ op: 'replace', item, previous: { ...item, dev: 'b' } }),
      'ip route replace 10.0.0.0/8 dev a # was: route 10.0.0.0/8 dev b',
    );
  });
});
