/** What plugins do with nftables, seen on packets: a node on a LAN with a second machine, and pods. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTestLan, type TestLan } from '../../test/plugins/lan.ts';
import { skipUnlessNftables } from '../netlink/testing.ts';
import { skipUnlessRing2 } from '../netns/testing.ts';
import type { IpamResult } from './plugin.ts';

const options = skipUnlessNftables(skipUnlessRing2());

function ipamOf(n: number): IpamResult {
  const ips = [
    { address: `10.244.1.${n}/24`, gateway: '10.244.1.1' },
    { address: `fd00:244::${n}/64`, gateway: 'fd00:244::1' },
  ];
  return { ips, routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }], dns: {} };
}

const bridge = { type: 'bridge', isGateway: true };

/** IPv6 on the LAN. The second machine knows no way to the pods. */
function createDualLan(name: string): TestLan {
  const lan = createTestLan(name);
  lan.run('node', 'ip addr add fd00:18::2/64 dev eth0 nodad; ip route add default via fd00:18::1');
  lan.run('other', 'ip addr add fd00:18::1/64 dev lan0 nodad');
  for (const pod of ['pod5', 'pod6']) lan.addPod(pod);
  return lan;
}

function attachBoth(lan: TestLan, config: Readonly<Record<string, unknown>>) {
  return ([5, 6] as const).map(n => lan.attach(`pod${n}`, {}, [{ config, ipam: ipamOf(n) }]));
}

describe('ipMasq', options, () => {
  test('lets pods behind a bridge out under the address of the node, and meet under their own', async () => {
    using lan = createDualLan('masq');
    const [first, second] = attachBoth(lan, { ...bridge, ipMasq: true });
    assert.equal(await lan.connect('pod5', 'other', '172.18.0.1'), '172.18.0.2');
    assert.equal(await lan.connect('pod5', 'other', 'fd00:18::1'), 'fd00:18::2');
    assert.equal(await lan.connect('pod5', 'pod6', '10.244.1.6'), '10.244.1.5');
    assert.equal(await lan.connect('pod5', 'pod6', 'fd00:244::6'), 'fd00:244::5');
    assert.equal(await lan.connect('node', 'pod5', '10.244.1.5'), '10.244.1.1');
    assert.match(
      lan.run('node', 'nft list chain inet underlane pod-masquerade'),
      /ip saddr 10.244.1.5 ip daddr != 10.244.1.0\/24 ip daddr != 224.0.0.0\/4 masquerade comment "10.244.1.5, eth0 of pod5/,
    );
    await first?.undo();
    assert.equal(await lan.connect('pod6', 'other', '172.18.0.1'), '172.18.0.2');
    assert.doesNotMatch(lan.run('node', 'nft list ruleset'), /10\.244\.1\.5/);
    await second?.undo();
    assert.equal(lan.run('node', 'nft list ruleset'), '');
  });

  test('without it the other machine does not know the way back', async () => {
    using lan = createDualLan('nomasq');
    attachBoth(lan, bridge);
    await assert.rejects(lan.connect('pod5', 'other', '172.18.0.1'));
    lan.run('other', 'ip route add 10.244.1.0/24 via 172.18.0.2');
    assert.equal(await lan.connect('pod5', 'other', '172.18.0.1'), '10.244.1.5');
  });

  for (const ipMasqBackend of ['nftables', 'iptables']) {
    test(`does the same for ptp, with ipMasqBackend ${ipMasqBackend}`, async () => {
      using lan = createDualLan('ptpmasq');
      const attached = attachBoth(lan, { type: 'ptp', ipMasq: true, ipMasqBackend });
      assert.equal(await lan.connect('pod5', 'other', '172.18.0.1'), '172.18.0.2');
      assert.equal(await lan.connect('pod6', 'other', 'fd00:18::1'), 'fd00:18::2');
      assert.equal(await lan.connect('pod5', 'pod6', '10.244.1.6'), '10.244.1.5');
      for (const { undo } of attached) await undo();
      assert.equal(lan.run('node', 'nft list ruleset'), '');
    });
  }
});

describe('macspoofchk', options, () => {
  test('drops what a pod sends from a MAC that is not its own', async () => {
    using lan = createDualLan('spoof');
    const [checked, alsoChecked] = attachBoth(lan, { ...bridge, macspoofchk: true });
    const mac = checked?.result.interfaces[2]?.mac;
    assert.equal(await lan.connect('pod5', 'pod6', '10.244.1.6'), '10.244.1.5');
    lan.run('pod5', 'ip link set eth0 address 0a:00:00:00:00:99');
    await assert.rejects(lan.connect('pod5', 'pod6', '10.244.1.6'));
    // Not even learnt: nobody's frames can be drawn away.
    assert.doesNotMatch(lan.run('node', 'bridge fdb show br cni0'), /0a:00:00:00:00:99/);
    lan.run('pod5', `ip link set eth0 address ${mac}`);
    assert.equal(await lan.connect('pod5', 'pod6', '10.244.1.6'), '10.244.1.5');
    await checked?.undo();
    assert.equal(lan.run('node', 'nft list table bridge underlane').match(/ drop /g)?.length, 1);
    await alsoChecked?.undo();
    assert.equal(lan.run('node', 'nft list ruleset'), '');
  });

  test('without it such frames pass', async () => {
    using lan = createDualLan('nospoof');
    attachBoth(lan, bridge);
    lan.run('pod5', 'ip link set eth0 address 0a:00:00:00:00:99');
    assert.equal(await lan.connect('pod5', 'pod6', '10.244.1.6'), '10.244.1.5');
  });
});
