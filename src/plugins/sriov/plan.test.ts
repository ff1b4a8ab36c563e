import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeviceFact, Facts, LinkFact, VfSetting } from '#facts';
import { formatItem } from '#wiring';
import type { AttachmentSpec, Plan } from '../plugin.ts';
import { assertGolden, attachment, host, ipam, pod } from '../testing.ts';
import { sriov } from './mod.ts';

const ID = '0000:03:02.1';
const pf: LinkFact = { ifindex: 3, name: 'ens1', mac: '02:42:ac:64:00:02', mtu: 9000, isUp: true, isLoopback: false };
const vf: LinkFact = { ...pf, ifindex: 4, name: 'ens1v1', mac: '02:42:ac:64:00:11', mtu: 1500, parentDevice: ID };
const settings: readonly VfSetting[] = [
  { name: 'mac', mac: '00:00:00:00:00:00' },
  { name: 'rate', min: 7, max: 0 },
];
const device: DeviceFact = {
  id: ID,
  driver: 'iavf',
  links: ['ens1v1'],
  vf: { number: 1, pf: '0000:03:00.0', pfLinks: ['ens1'] },
};
const facts: Facts = {
  host: { ...host, links: [...host.links, pf, vf], vfs: { ens1: [{ vf: 1, settings }] } },
  pod,
  devices: [device],
};
const all = { vlan: 100, vlanQoS: 2, spoofchk: 'off', trust: 'on', link_state: 'enable', max_tx_rate: 50 };

function plan(
  raw: Readonly<Record<string, unknown>> = all,
  more: Partial<AttachmentSpec> = {},
  changed: Partial<Facts> = {},
): Plan {
  return sriov.plan({
    config: sriov.parse({ type: 'sriov', deviceID: ID, ...raw }),
    attachment: { ...attachment, ifname: 'net1', ...more },
    ipam: { ips: [{ address: '172.100.0.10/16', gateway: '172.100.0.1' }], routes: ipam.routes, dns: {} },
    facts: { ...facts, ...changed },
  });
}

describe('sriov.plan()', () => {
  it('gives the wiring and the result of the golden file', () => {
    assertGolden(new URL('testdata/sriov.golden.json', import.meta.url), plan(all, { mac: '0A:58:AC:64:00:0A' }));
  });
  it('gives those of the golden file for one that a userspace driver has', () => {
    assertGolden(
      new URL('testdata/sriov-dpdk.golden.json', import.meta.url),
      plan({ vlan: 0 }, {}, { devices: [{ ...device, driver: 'vfio-pci', links: [] }] }),
    );
  });
  it('sets nothing that is not given, but for what goes with it', () => {
    assert.deepEqual(
      plan({}).wiring.filter(({ kind }) => kind === 'vf'),
      [],
    );
    const rate = plan({ max_tx_rate: 50 }).wiring.map(formatItem)[0];
    assert.equal(rate, 'ip link set ens1 vf 1 min_tx_rate 7 max_tx_rate 50');
  });
  it("takes the pod's MAC before the config's, for the card and for the interface", () => {
    const { wiring, result } = plan({ mac: '02:00:00:00:00:01' }, { mac: '02:00:00:00:00:02' });
    assert.deepEqual(wiring.slice(0, 2).map(formatItem), [
      'ip link set ens1 vf 1 mac 02:00:00:00:00:02',
      'ip link set ens1v1 netns pod name net1 up address 02:00:00:00:00:02',
    ]);
    assert.equal(result.interfaces[0]?.mac, '02:00:00:00:00:02');
  });
  it('tells the administrative MAC of one without interface, and none of zeros', () => {
    const devices = [{ ...device, driver: 'vfio-pci', links: [] }];
    const macOf = (mac: string) => {
      const vfs = { ens1: [{ vf: 1, settings: [{ name: 'mac', mac } as const] }] };
      return plan({}, {}, { devices, host: { ...facts.host, vfs } }).result.interfaces[0]?.mac;
    };
    assert.equal(macOf('02:00:00:00:00:05'), '02:00:00:00:00:05');
    assert.equal(macOf('00:00:00:00:00:00'), undefined);
  });
  it('sets a card up by the interface that tells of the virtual function', () => {
    const rep = { ...pf, ifindex: 9, name: 'ens1_0' };
    const devices = [{ ...device, vf: { number: 1, pf: '0000:03:00.0', pfLinks: ['ens1_0', 'ens1'] } }];
    const links = [...facts.host.links, rep];
    const { wiring } = plan({ vlan: 1 }, {}, { devices, host: { ...facts.host, links } });
    assert.equal(wiring.map(formatItem)[0], 'ip link set ens1 vf 1 vlan 1 qos 0 proto 802.1Q');
  });
  const { vf: _vf, ...noVf } = device;
  for (const [what, devices, code, message] of [
    ['is not on the bus', [], 'DEVICE_MISSING', /which is not on the PCI bus/],
    ['is no virtual function', [noVf], 'DEVICE_MISSING', /which is no virtual function/],
    [
      'has a physical function without interface',
      [{ ...device, vf: { number: 1, pf: '0000:03:00.0', pfLinks: ['gone'] } }],
      'DEVICE_MISSING',
      /physical function "0000:03:00\.0" has no network interface/,
    ],
    [
      'is in another pod',
      [{ ...device, links: [] }],
      'DEVICE_IN_USE',
      /the driver iavf, expected one that is in no pod/,
    ],
  ] as const) {
    it(`says so when the device ${what}`, () => {
      assert.throws(() => plan({}, {}, { devices }), { code, message });
    });
  }
  it('takes no name that the pod has', () => {
    assert.throws(() => plan({}, { ifname: 'lo' }), { code: 'INTERFACE_TAKEN' });
  });
});
