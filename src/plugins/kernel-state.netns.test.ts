import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ipam } from './testing.ts';
import { createTestLan, skipUnlessRing2 } from './testing-kernel.ts';

const options = skipUnlessRing2();
const subnets = { service_hijack_subnet: ['10.96.0.0/12'], overlay_hijack_subnet: ['10.244.0.0/16'] };
const underlay = [
  { config: { type: 'macvlan', master: 'eth0', mode: 'bridge' }, ipam },
  { config: { type: 'veth', ...subnets } },
];
const lines = (text: string) =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');

describe('macvlan and veth in the kernel', options, () => {
  test('are the worked example of one NIC, as ip shows it', () => {
    using lan = createTestLan('e1');
    lan.addPod('pod1');
    const { result } = lan.attach('pod1', {}, underlay);
    const [nic, hostEnd, podEnd] = result.interfaces;
    assert.equal(hostEnd?.name, 'vethpod10123456');
    assert.deepEqual(lines(lan.run('pod1', 'ip route')), [
      'default via 172.18.0.1 dev eth0',
      '10.96.0.0/12 via 172.18.0.2 dev veth0',
      '10.244.0.0/16 via 172.18.0.2 dev veth0',
      '172.18.0.0/16 dev eth0 proto kernel scope link src 172.18.0.10',
      '172.18.0.2 dev veth0 scope link',
    ]);
    assert.deepEqual(lines(lan.run('pod1', 'ip rule')), [
      '0:\tfrom all lookup local',
      '32766:\tfrom all lookup main',
      '32767:\tfrom all lookup default',
    ]);
    const links = JSON.parse(lan.run('pod1', 'ip -j -d link')) as readonly Record<string, unknown>[];
    assert.deepEqual(
      links.map(link => [link['ifname'], link['mtu']]),
      [
        ['lo', 65536],
        ['eth0', 1500],
        ['veth0', 1500],
      ],
    );
    assert.deepEqual(
      links.slice(1).map(link => link['address']),
      [nic?.mac, podEnd?.mac],
    );
    assert.deepEqual(lines(lan.run('pod1', 'ip -4 -o addr show dev veth0')), []);
    assert.match(
      lan.run('pod1', 'ip -4 addr show dev eth0'),
      /inet 172.18.0.10\/16 brd 172.18.255.255 scope global eth0/,
    );
    assert.deepEqual(lines(lan.run('pod1', 'ip neigh show nud permanent')), [
      `172.18.0.2 dev veth0 lladdr ${hostEnd?.mac} PERMANENT`,
    ]);
    assert.deepEqual(lines(lan.run('node', 'ip neigh show nud permanent')), [
      `172.18.0.10 dev vethpod10123456 lladdr ${podEnd?.mac} PERMANENT`,
    ]);
    assert.deepEqual(lines(lan.run('node', 'ip route show dev vethpod10123456')), ['172.18.0.10 scope link']);
    assert.deepEqual(
      lines(
        lan.run(
          'pod1',
          'cd /proc/sys/net/ipv4/conf; grep . all/rp_filter default/rp_filter eth0/rp_filter veth0/rp_filter',
        ),
      ),
      ['all/rp_filter:2', 'default/rp_filter:2', 'eth0/rp_filter:2', 'veth0/rp_filter:2'],
    );
    assert.equal(lan.run('node', 'cat /proc/sys/net/ipv4/conf/vethpod10123456/rp_filter'), '2\n');
  });

  test('carry packets between pod, node, service addresses and the LAN', async () => {
    using lan = createTestLan('packets');
    lan.addPod('pod1');
    lan.addPod('pod2');
    lan.attach('pod1', {}, underlay);
    const second = { ...ipam, ips: [{ address: '172.18.0.11/16', gateway: '172.18.0.1' }] };
    lan.attach('pod2', {}, [{ config: { type: 'macvlan' }, ipam: second }, { config: { type: 'veth', ...subnets } }]);
    await lan.connect('node', 'pod1', '172.18.0.10');
    await lan.connect('pod1', 'node', '172.18.0.2');
    await lan.connect('pod1', 'node', '10.96.0.1');
    await lan.connect('pod1', 'pod2', '172.18.0.11');
    await lan.connect('pod1', 'other', '172.18.0.1');
    await lan.connect('other', 'pod2', '172.18.0.11');
  });

  test('leave nothing behind', async () => {
    using lan = createTestLan('undo');
    lan.addPod('pod1');
    const witness = 'ip -j link; ip -j route show table all; ip -j neigh show nud permanent';
    const strip = (text: string) => text.replace(/"ifi_index":\d+,?|"ifindex":\d+,?/g, '');
    const before = [lan.run('node', witness), lan.run('pod1', 'ip -j route; ip -j -4 addr show up')].map(strip);
    const attached = lan.attach('pod1', {}, underlay);
    await attached.undo();
    const after = [lan.run('node', witness), lan.run('pod1', 'ip -j route; ip -j -4 addr show up')].map(strip);
    assert.deepEqual(after, before);
  });

  test('give a second NIC a table of its own', async () => {
    using lan = createTestLan('e3a');
    lan.addPod('pod1');
    lan.run(
      'node',
      `ip link add eth1 type veth peer name lan1 netns ${lan.path('other')}; ip link set eth1 up; ip addr add 172.100.0.2/16 dev eth1`,
    );
    lan.run('other', 'ip link set lan1 up; ip addr add 172.100.0.1/16 dev lan1');
    lan.attach('pod1', {}, underlay);
    lan.attach('pod1', { ifname: 'net1' }, [
      {
        config: { type: 'macvlan', master: 'eth1' },
        ipam: { ips: [{ address: '172.100.0.10/16', gateway: '172.100.0.1' }], routes: [], dns: {} },
      },
      { config: { type: 'veth', ...subnets } },
    ]);
    assert.deepEqual(lines(lan.run('pod1', 'ip route show table 100')), [
      '10.96.0.0/12 via 172.100.0.2 dev veth0',
      '10.244.0.0/16 via 172.100.0.2 dev veth0',
      '172.18.0.2 dev veth0 scope link',
      '172.100.0.0/16 dev net1 proto kernel scope link src 172.100.0.10',
      '172.100.0.2 dev veth0 scope link',
    ]);
    assert.match(lan.run('pod1', 'ip rule show table 100'), /^32765:\tfrom 172.100.0.10 lookup 100\b[^\n]*\n$/);
    assert.deepEqual(lines(lan.run('pod1', 'ip route show default')), ['default via 172.18.0.1 dev eth0']);
    assert.deepEqual(lines(lan.run('node', 'ip route show dev vethpod10123456')), [
      '172.18.0.10 scope link',
      '172.100.0.10 scope link',
    ]);
    await lan.connect('node', 'pod1', '172.100.0.10');
    await lan.connect('pod1', 'other', '172.100.0.1');
  });
});

describe('bridge in the kernel', options, () => {
  test('joins pods, its node and the world behind it', async () => {
    using lan = createTestLan('bridge');
    for (const [pod, address] of [
      ['pod1', '10.244.1.5/24'],
      ['pod2', '10.244.1.6/24'],
    ] as const) {
      lan.addPod(pod);
      const config = { type: 'bridge', isDefaultGateway: true, ipMasq: false };
      lan.attach(pod, {}, [{ config, ipam: { ips: [{ address }], routes: [], dns: {} } }]);
    }
    lan.run('other', 'ip route add 10.244.1.0/24 via 172.18.0.2');
    assert.match(lan.run('node', 'ip -4 addr show dev cni0'), /inet 10.244.1.1\/24 /);
    assert.equal(lan.run('node', 'cat /proc/sys/net/ipv4/ip_forward'), '1\n');
    const ports = JSON.parse(lan.run('node', 'ip -j link show master cni0')) as readonly unknown[];
    assert.equal(ports.length, 2);
    await lan.connect('pod1', 'pod2', '10.244.1.6');
    await lan.connect('node', 'pod1', '10.244.1.5');
    await lan.connect('pod2', 'other', '172.18.0.1');
  });
});

describe('loopback in the kernel', options, () => {
  test('is up', () => {
    using lan = createTestLan('lo');
    lan.addPod('pod1');
    const { result } = lan.attach('pod1', {}, [{ config: { type: 'loopback' } }]);
    assert.match(lan.run('pod1', 'ip addr show dev lo'), /LOOPBACK,UP.*inet 127.0.0.1\/8/s);
    assert.equal(result.ips[0]?.address, '127.0.0.1/8');
  });
});
