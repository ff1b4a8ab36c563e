/** The worked examples as kernel state: a node on a LAN with a second machine, and pods, in namespaces of their own. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CniResult } from '#cni';
import { hasLinkKind, type LinkKindName, listLinks, openRouteSocket, withBridgeVlans } from '#netlink';
import { openNamespace } from '#netns';
import { createTestLan, type TestLan } from '../../test/plugins/lan.ts';
import { skipUnlessRing2 } from '../netns/testing.ts';
import type { IpamResult } from './plugin.ts';
import { ipam } from './testing.ts';

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
    // Kernels with a tunnel's module put its fallback device into every new namespace.
    const links = (JSON.parse(lan.run('pod1', 'ip -j -d link')) as readonly Record<string, unknown>[]).filter(
      link => !/^(gre|gretap|erspan|sit|tunl|ip6tnl|ip6gre|ip_vti|ip6_vti)0$/.test(String(link['ifname'])),
    );
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

  test('tell the LAN at once when an address has a new MAC', async () => {
    using lan = createTestLan('announce');
    lan.addPod('pod1');
    const first = lan.attach('pod1', {}, underlay);
    await lan.connect('other', 'pod1', '172.18.0.10');
    await first.undo();
    const { result } = lan.attach('pod1', { nonce: 'second' }, underlay);
    assert.match(lan.run('other', 'ip neigh show 172.18.0.10'), new RegExp(`lladdr ${result.interfaces[0]?.mac}`));
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

describe('a later NIC in the kernel', options, () => {
  for (const families of ['IPv4', 'both families'] as const) {
    test(`has its default route in its own table, and the first NIC keeps the main one: ${families}`, async () => {
      using lan = createTestLan('e3d');
      const isDual = families !== 'IPv4';
      const dual = (ips: IpamResult['ips'], six: IpamResult['ips'][number]) => (isDual ? [...ips, six] : ips);
      const routes = [{ dst: '0.0.0.0/0' }, ...(isDual ? [{ dst: '::/0' }] : [])];
      lan.addPod('pod1');
      lan.run(
        'node',
        `ip addr add fd00:172:18::2/64 dev eth0 nodad
        ip link add eth1 type veth peer name lan1 netns ${lan.path('other')}; ip link set eth1 up
        ip addr add 172.100.0.2/16 dev eth1; ip addr add fd00:172:100::2/64 dev eth1 nodad`,
      );
      lan.run(
        'other',
        `ip link set lan1 up; ip addr add 172.100.0.1/16 dev lan1
        ip addr add fd00:172:18::1/64 dev lan0 nodad; ip addr add fd00:172:100::1/64 dev lan1 nodad`,
      );
      const first = dual(ipam.ips, { address: 'fd00:172:18::10/64', gateway: 'fd00:172:18::1' });
      const one = lan.attach('pod1', {}, [
        { config: { type: 'macvlan', master: 'eth0' }, ipam: { ips: first, routes, dns: {} } },
        { config: { type: 'veth', ...subnets } },
      ]);
      const before = lan.run('pod1', 'ip -4 route show table all; ip -6 route show table main; ip rule; ip -6 rule');
      const second = dual([{ address: '172.100.0.10/16', gateway: '172.100.0.1' }], {
        address: 'fd00:172:100::10/64',
        gateway: 'fd00:172:100::1',
      });
      const two = lan.attach('pod1', { ifname: 'net1' }, [
        { config: { type: 'macvlan', master: 'eth1' }, ipam: { ips: second, routes, dns: {} } },
        { config: { type: 'veth', ...subnets } },
      ]);
      assert.deepEqual(lines(lan.run('pod1', 'ip route show default')), ['default via 172.18.0.1 dev eth0']);
      assert.deepEqual(lines(lan.run('pod1', 'ip route show default table 100')), ['default via 172.100.0.1 dev net1']);
      if (isDual) {
        const main = lan.run('pod1', 'ip -6 route show default');
        assert.match(main, /^default via fd00:172:18::1 dev eth0 metric 1024 pref medium\n$/);
        const own = lan.run('pod1', 'ip -6 route show default table 100');
        assert.match(own, /^default via fd00:172:100::1 dev net1 metric 1024 pref medium\n$/);
        assert.match(lan.run('pod1', 'ip -6 rule'), /32765:\tfrom fd00:172:100::10 lookup 100/);
        await lan.connect('pod1', 'other', 'fd00:172:100::1');
        await lan.connect('node', 'pod1', 'fd00:172:100::10');
        await lan.connect('pod1', 'node', 'fd00:172:18::2');
        assert.doesNotMatch(lan.run('pod1', 'ip -6 addr show scope global'), /tentative/);
      }
      await lan.connect('pod1', 'other', '172.100.0.1');
      await lan.connect('node', 'pod1', '172.100.0.10');
      await two.undo();
      const after = lan.run('pod1', 'ip -4 route show table all; ip -6 route show table main; ip rule; ip -6 rule');
      assert.equal(after, before);
      await one.undo();
    });
  }

  test('gives up a default route that stands in the main table already, and gets it back on undo', async () => {
    using lan = createTestLan('moved');
    lan.addPod('pod1');
    lan.attach('pod1', {}, underlay);
    // As a plugin of somebody else leaves it: before the first NIC's.
    lan.run(
      'pod1',
      `ip link add net1 address 0a:00:00:00:00:01 type veth peer name far1; ip link set net1 up; ip link set far1 up
      ip addr add 172.18.100.10/24 dev net1; ip route prepend default via 172.18.100.1 dev net1`,
    );
    const defaults = () => lines(lan.run('pod1', 'ip route show default'));
    const before = defaults();
    assert.deepEqual(before, ['default via 172.18.100.1 dev net1', 'default via 172.18.0.1 dev eth0']);
    const prevResult: CniResult = {
      interfaces: [{ name: 'net1', sandbox: lan.path('pod1') }],
      ips: [{ address: '172.18.100.10/24', interface: 0 }],
      routes: [],
      dns: {},
    };
    const { undo } = lan.attach('pod1', { ifname: 'net1' }, [{ config: { type: 'veth', ...subnets } }], prevResult);
    assert.deepEqual(defaults(), ['default via 172.18.0.1 dev eth0']);
    assert.deepEqual(lines(lan.run('pod1', 'ip route show default table 100')), ['default via 172.18.100.1 dev net1']);
    await undo();
    assert.deepEqual(defaults(), before);
  });
});

describe('ptp in the kernel', options, () => {
  test('routes both families between pod, node and the world behind it', async () => {
    using lan = createTestLan('ptp');
    lan.run('other', 'ip addr add fd00:172:18::1/64 dev lan0 nodad; ip route add 10.244.1.0/24 via 172.18.0.2');
    lan.run('node', 'ip addr add fd00:172:18::2/64 dev eth0 nodad');
    lan.run('other', 'ip route add fd00:1::/64 via fd00:172:18::2');
    const witness = 'ip -j link; ip -j -4 route show table all; ip -j -6 route show table main; ip -j rule';
    const strip = (text: string) => text.replace(/"ifi_index":\d+,?|"ifindex":\d+,?/g, '');
    const before = strip(lan.run('node', witness));
    const undos = ['5', '6'].map(host => {
      lan.addPod(`pod${host}`);
      const ips = [
        { address: `10.244.1.${host}/24`, gateway: '10.244.1.1' },
        { address: `fd00:1::${host}/64`, gateway: 'fd00:1::1' },
      ];
      const routes = [{ dst: '0.0.0.0/0' }, { dst: '::/0' }];
      return lan.attach(`pod${host}`, {}, [{ config: { type: 'ptp' }, ipam: { ips, routes, dns: {} } }]).undo;
    });
    assert.deepEqual(lines(lan.run('pod5', 'ip route')), [
      'default via 10.244.1.1 dev eth0',
      '10.244.1.0/24 via 10.244.1.1 dev eth0 src 10.244.1.5',
      '10.244.1.1 dev eth0 scope link src 10.244.1.5',
    ]);
    assert.match(lan.run('node', 'ip route show 10.244.1.5'), /^10.244.1.5 dev veth\w{8} scope host\s*$/);
    for (const to of ['10.244.1.6', 'fd00:1::6']) await lan.connect('pod5', 'pod6', to);
    for (const to of ['10.244.1.5', 'fd00:1::5']) await lan.connect('node', 'pod5', to);
    for (const to of ['172.18.0.1', 'fd00:172:18::1']) await lan.connect('pod6', 'other', to);
    for (const undo of undos) await undo();
    assert.equal(strip(lan.run('node', witness)), before);
  });
});

describe('host-device in the kernel', options, () => {
  const config = { type: 'host-device', device: 'eth1' };
  const addressed = { ips: [{ address: '172.100.0.10/16', gateway: '172.100.0.1' }], routes: [], dns: {} };
  const setUp = (lan: TestLan) => {
    lan.addPod('pod1');
    lan.run(
      'node',
      `ip link add eth1 mtu 1400 address 02:42:ac:64:00:02 type veth peer name lan1 netns ${lan.path('other')}
      ip link set eth1 up; ip link set eth1 addrgenmode none`,
    );
    lan.run('other', 'ip link set lan1 up; ip addr add 172.100.0.1/16 dev lan1');
  };

  test('moves the device into the pod, and back under its name and up', async () => {
    using lan = createTestLan('hostdev');
    setUp(lan);
    const before = lan.run('node', 'ip -o link show eth1');
    const { undo, result } = lan.attach('pod1', { ifname: 'net1' }, [{ config, ipam: addressed }]);
    assert.equal(result.interfaces[0]?.mac, '02:42:ac:64:00:02');
    assert.doesNotMatch(lan.run('node', 'ip link'), /eth1/);
    assert.match(lan.run('pod1', 'ip -o link show net1'), /UP.* mtu 1400 /);
    await lan.connect('pod1', 'other', '172.100.0.1');
    await undo();
    const normal = (text: string) => text.replace(/qlen \d+|state \w+|^\d+:|,LOWER_UP|@if\d+|link-netns \S+/g, '');
    assert.equal(normal(lan.run('node', 'ip -o link show eth1')), normal(before));
    assert.doesNotMatch(lan.run('pod1', 'ip link'), /net1/);
    await undo();
    assert.match(lan.run('node', 'ip -o link show eth1'), /UP/);
  });

  test('finds the device that the kernel has given back under another name', async () => {
    using lan = createTestLan('hostback');
    setUp(lan);
    const { undo } = lan.attach('pod1', { ifname: 'net1' }, [{ config, ipam: addressed }]);
    // What the kernel does with a physical device when the namespace goes.
    lan.run('pod1', `ip link set net1 netns ${lan.path('node')} name dev7`);
    await undo();
    assert.match(lan.run('node', 'ip -o link show eth1'), /UP.*02:42:ac:64:00:02/);
    assert.doesNotMatch(lan.run('node', 'ip link'), /dev7/);
  });

  test('brings the device back under a free name when its own is taken, and back to its own later', async () => {
    using lan = createTestLan('hosttaken');
    setUp(lan);
    const { undo } = lan.attach('pod1', { ifname: 'net1' }, [{ config, ipam: addressed }]);
    lan.run('node', 'ip link add eth1 type bridge; ip link add dev99 type bridge');
    const [remark = ''] = await undo();
    const [, name = ''] =
      /^Device "eth1" is back on the host as "(dev\d+)": a bridge link has its name by now/.exec(remark) ?? [];
    assert.match(lan.run('node', `ip -o link show ${name}`), /UP.*02:42:ac:64:00:02/);
    assert.doesNotMatch(lan.run('pod1', 'ip link'), /net1/);
    lan.run('node', 'ip link delete eth1');
    assert.deepEqual(await undo(), []);
    assert.match(lan.run('node', 'ip -o link show eth1'), /UP.*02:42:ac:64:00:02/);
  });
});

describe('links of kinds that some kernels lack', options, () => {
  const lacks = (kind: LinkKindName): { readonly skip: string | false } => {
    if (options.skip !== false) return options;
    using socket = openRouteSocket();
    return { skip: hasLinkKind(socket, kind) ? false : `kernel lacks ${kind}` };
  };

  for (const mode of ['l2', 'l3', 'l3s'] as const) {
    test(`ipvlan ${mode} joins pods, and with veth their node`, lacks('ipvlan'), async () => {
      using lan = createTestLan(`ipvlan-${mode}`);
      for (const host of ['10', '11']) {
        lan.addPod(`pod${host}`);
        const ips = [{ address: `172.18.0.${host}/16`, gateway: '172.18.0.1' }];
        lan.attach(`pod${host}`, {}, [
          { config: { type: 'ipvlan', master: 'eth0', mode }, ipam: { ...ipam, ips } },
          { config: { type: 'veth', ...subnets } },
        ]);
      }
      const [link] = JSON.parse(lan.run('pod10', 'ip -j -d link show eth0')) as readonly {
        linkinfo: { info_kind: string; info_data: { mode: string } };
      }[];
      assert.deepEqual([link?.linkinfo.info_kind, link?.linkinfo.info_data.mode], ['ipvlan', mode]);
      await lan.connect('pod10', 'pod11', '172.18.0.11');
      await lan.connect('node', 'pod10', '172.18.0.10');
      await lan.connect('pod10', 'node', '10.96.0.1');
      if (mode === 'l2') await lan.connect('other', 'pod11', '172.18.0.11');
    });
  }

  test('vlan reaches the same VLAN of another machine', lacks('vlan'), async () => {
    using lan = createTestLan('vlan');
    lan.addPod('pod1');
    lan.run(
      'other',
      'ip link add link lan0 name lan0.100 type vlan id 100; ip link set lan0.100 up; ip addr add 172.100.0.1/16 dev lan0.100',
    );
    const ips = [{ address: '172.100.0.10/16', gateway: '172.100.0.1' }];
    const { undo } = lan.attach('pod1', {}, [
      { config: { type: 'vlan', master: 'eth0', vlanId: 100 }, ipam: { ips, routes: [{ dst: '0.0.0.0/0' }], dns: {} } },
    ]);
    assert.match(lan.run('pod1', 'ip -d link show eth0'), /vlan protocol 802.1Q id 100/);
    await lan.connect('pod1', 'other', '172.100.0.1');
    await undo();
    assert.doesNotMatch(lan.run('pod1', 'ip link'), /eth0/);
  });

  // The same kernels have neither VLANs nor a bridge that tells them apart.
  test('bridge keeps VLANs apart, each with a gateway', lacks('vlan'), async () => {
    using lan = createTestLan('brvlan');
    const pods = [
      ['pod5', '10.244.1.5/24', 100],
      ['pod6', '10.244.1.6/24', 100],
      ['pod7', '10.244.2.7/24', 200],
    ] as const;
    const undos = pods.map(([pod, address, vlan]) => {
      lan.addPod(pod);
      const config = { type: 'bridge', isDefaultGateway: true, vlan };
      return lan.attach(pod, {}, [{ config, ipam: { ips: [{ address }], routes: [], dns: {} } }]).undo;
    });
    assert.match(lan.run('node', 'ip -4 addr show dev cni0.100'), /inet 10.244.1.1\/24 /);
    assert.match(lan.run('node', 'ip -4 addr show dev cni0.200'), /inet 10.244.2.1\/24 /);
    using hostNs = openNamespace(lan.path('node'));
    using socket = openRouteSocket(hostNs);
    const ports = withBridgeVlans(socket, listLinks(socket)).flatMap(link =>
      link.vlans === undefined ? [] : [link.vlans],
    );
    const ids = ports.map(vlans => vlans.map(({ id, isPvid, isUntagged }) => [id, isPvid, isUntagged])).sort();
    assert.deepEqual(
      ids,
      [100, 100, 100, 200, 200].map(id => [[id, true, true]]),
    );
    await lan.connect('pod5', 'pod6', '10.244.1.6');
    await lan.connect('pod7', 'node', '10.244.2.1');
    await lan.connect('node', 'pod5', '10.244.1.5');
    for (const undo of undos) await undo();
    assert.doesNotMatch(lan.run('node', 'ip link'), /cni0|veth\w{8}/);
  });

  test('dummy holds addresses', lacks('dummy'), async () => {
    using lan = createTestLan('dummy');
    lan.addPod('pod1');
    const ips = [{ address: '192.0.2.10/32' }];
    const { undo } = lan.attach('pod1', {}, [{ config: { type: 'dummy' }, ipam: { ips, routes: [], dns: {} } }]);
    assert.match(lan.run('pod1', 'ip -d -4 addr show eth0'), /UP.*dummy.*inet 192.0.2.10\/32/s);
    await undo();
    assert.doesNotMatch(lan.run('pod1', 'ip link'), /eth0/);
  });
});

describe('bridge in the kernel', options, () => {
  test('takes other addresses away for good with forceAddress', async () => {
    using lan = createTestLan('brforce');
    lan.addPod('pod1');
    lan.run('node', 'ip link add cni0 type bridge; ip link set cni0 up; ip addr add 10.9.0.1/24 dev cni0');
    const addresses = () => lines(lan.run('node', 'ip -4 -o addr show dev cni0')).map(line => line.split(/\s+/)[3]);
    const config = { type: 'bridge', isGateway: true, forceAddress: true };
    const { undo } = lan.attach('pod1', {}, [
      { config, ipam: { ips: [{ address: '10.244.1.5/24' }], routes: [], dns: {} } },
    ]);
    assert.deepEqual(addresses(), ['10.244.1.1/24']);
    await undo();
    assert.deepEqual(addresses(), []);
  });

  test('sets hairpin, isolation and promiscuity', async () => {
    using lan = createTestLan('brport');
    lan.addPod('pod1');
    lan.addPod('pod2');
    const attachTo = (pod: string, bridge: string, more: Readonly<Record<string, unknown>>) =>
      lan.attach(pod, {}, [{ config: { type: 'bridge', bridge, ...more } }]);
    const one = attachTo('pod1', 'cni0', { hairpinMode: true, portIsolation: true });
    const two = attachTo('pod2', 'cni1', { promiscMode: true, disableContainerInterface: true });
    const port = lan.run('node', 'ip -d link show master cni0');
    assert.match(port, /hairpin on/);
    assert.match(port, /isolated on/);
    assert.match(lan.run('node', 'ip link show cni1'), /PROMISC/);
    assert.doesNotMatch(lan.run('pod2', 'ip -o link show eth0'), /[<,]UP/);
    await two.undo();
    await one.undo();
    assert.doesNotMatch(lan.run('node', 'ip link'), /cni[01]|veth\w{8}/);
  });

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
