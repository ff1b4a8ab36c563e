import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatItem } from '#wiring';
import type { IpamResult, Plan } from '../plugin.ts';
import { assertGolden, attachment, facts } from '../testing.ts';
import { ptp } from './mod.ts';

const ipam: IpamResult = {
  ips: [
    { address: '10.244.1.5/24', gateway: '10.244.1.1' },
    { address: 'fd00:1::5/64', gateway: 'fd00:1::1' },
  ],
  routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
  dns: {},
};

function plan(ips: IpamResult['ips'] = ipam.ips, raw: Readonly<Record<string, unknown>> = {}): Plan {
  return ptp.plan({ config: ptp.parse({ type: 'ptp', ...raw }), attachment, ipam: { ...ipam, ips }, facts });
}

describe('ptp.plan()', () => {
  it('gives the wiring and the result of the golden file', () => {
    assertGolden(new URL('testdata/ptp.golden.json', import.meta.url), plan());
  });
  it('puts the MTU on both ends', () => {
    const [pair] = plan(ipam.ips, { mtu: 1400 }).wiring;
    assert.ok(pair?.kind === 'link' && pair.link.type === 'veth');
    assert.deepEqual([pair.mtu, pair.link.peer.mtu], [1400, 1400]);
  });
  it('takes no route away that an address alone does not bring', () => {
    const { wiring } = plan([{ address: '10.244.1.5/32', gateway: '10.244.1.1' }]);
    assert.ok(!wiring.some(item => item.kind === 'absent'));
  });
  it('makes one way for two addresses of a subnet', () => {
    const { wiring } = plan([...ipam.ips, { address: '10.244.1.6/24', gateway: '10.244.1.1' }]);
    const subnets = wiring.filter(item => item.kind === 'route' && item.dst === '10.244.1.0/24');
    assert.equal(subnets.length, 1);
    const gateways = wiring.filter(item => item.kind === 'address' && item.place === 'host');
    assert.equal(gateways.length, 2);
  });
  it('makes routes by other next hops of the subnet while the subnet is on the wire', () => {
    const { wiring } = ptp.plan({
      config: ptp.parse({ type: 'ptp' }),
      attachment,
      ipam: { ...ipam, routes: [{ dst: '10.9.0.0/16', gw: '10.244.1.9' }] },
      facts,
    });
    const order = wiring.flatMap(item => {
      if (item.place !== 'pod') return [];
      return item.kind === 'route' ? [item.dst] : item.kind === 'absent' ? ['taken away'] : [];
    });
    assert.ok(order.indexOf('10.244.1.1/32') < order.indexOf('10.9.0.0/16'));
    assert.ok(order.indexOf('10.9.0.0/16') < order.indexOf('taken away'));
  });
  it('needs ipam with a gateway', () => {
    const config = ptp.parse({ type: 'ptp' });
    assert.throws(() => ptp.plan({ config, attachment, facts }), { code: 'NO_ADDRESS' });
    assert.throws(() => plan([{ address: '10.244.1.5/24' }]), {
      code: 'NO_ADDRESS',
      message: /has no gateway, expected/,
    });
  });
  it('masquerades what leaves the subnet of the pod, in both families', () => {
    const items = (raw: Readonly<Record<string, unknown>>) =>
      plan(ipam.ips, raw).wiring.filter(item => item.kind.startsWith('nft-'));
    assert.deepEqual(items({ ipMasq: true }).map(formatItem), [
      'nft add table inet underlane',
      "nft 'add chain inet underlane pod-masquerade { type nat hook postrouting priority 100; policy accept; }'",
      `nft 'add rule inet underlane pod-masquerade ip saddr 10.244.1.5 ip daddr != 10.244.1.0/24 ip daddr != 224.0.0.0/4 masquerade comment "10.244.1.5, eth0 of ${attachment.containerId}"'`,
      `nft 'add rule inet underlane pod-masquerade ip6 saddr fd00:1::5 ip6 daddr != fd00:1::/64 ip6 daddr != ff00::/8 masquerade comment "fd00:1::5, eth0 of ${attachment.containerId}"'`,
    ]);
    assert.deepEqual(items({ ipMasq: false, ipMasqBackend: 'nftables' }), []);
  });
});
