import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Facts, LinkFact } from '#facts';
import type { LinkItem } from '#wiring';
import type { AttachmentSpec, Plan } from '../plugin.ts';
import { assertGolden, attachment, host, ipam, pod } from '../testing.ts';
import { hostDevice } from './mod.ts';

const eth1: LinkFact = {
  ifindex: 3,
  name: 'eth1',
  mac: '02:42:ac:64:00:02',
  mtu: 1500,
  isUp: true,
  isLoopback: false,
  parentDevice: '0000:00:1f.6',
};
const upon: LinkFact = { ...eth1, ifindex: 4, name: 'eth1.7', kind: 'vlan', linkIfindex: 3, vlanId: 7 };
const { parentDevice: _parentDevice, ...child } = upon;
const facts: Facts = { host: { ...host, links: [...host.links, child, eth1] }, pod };

function plan(
  raw: Readonly<Record<string, unknown>> = { device: 'eth1' },
  more: Partial<AttachmentSpec> = {},
  on = facts,
): Plan {
  return hostDevice.plan({
    config: hostDevice.parse({ type: 'host-device', ...raw }),
    attachment: { ...attachment, ifname: 'net1', ...more },
    ipam: { ips: [{ address: '172.100.0.10/16', gateway: '172.100.0.1' }], routes: ipam.routes, dns: {} },
    facts: on,
  });
}

function linkOf(raw: Readonly<Record<string, unknown>>): LinkItem {
  const [link] = plan(raw).wiring;
  assert.ok(link?.kind === 'link');
  return link;
}

describe('hostDevice.plan()', () => {
  it('gives the wiring and the result of the golden file', () => {
    assertGolden(new URL('testdata/host-device.golden.json', import.meta.url), plan());
  });
  const selectors: readonly Readonly<Record<string, unknown>>[] = [
    { device: 'eth1' },
    { hwaddr: '02:42:AC:64:00:02' },
    { kernelpath: '/sys/devices/pci0000:00/0000:00:1f.6' },
    { kernelpath: '/sys/devices/pci0000:00/0000:00:1f.6/net/eth1' },
    { pciBusID: '0000:00:1f.6' },
    { pciBusID: '0000:00:1f.9', runtimeConfig: { deviceID: '0000:00:1f.6' } },
  ];
  for (const selector of selectors) {
    it(`finds a device by ${JSON.stringify(selector)}`, () => {
      const { link } = linkOf(selector);
      assert.deepEqual(link, { type: 'moved', from: 'eth1', fromPlace: 'host', address: eth1.mac });
    });
  }
  it('finds a virtio device by the address of the PCI device that it sits on', () => {
    const virtio = { ...eth1, parentDevice: 'virtio0', pciAddress: '0000:00:1f.6' };
    const on = { host: { ...host, links: [...host.links, virtio] }, pod };
    for (const selector of [
      { pciBusID: '0000:00:1f.6' },
      { pciBusID: 'virtio0' },
      { kernelpath: '/sys/devices/pci0000:00/0000:00:1f.6' },
      { kernelpath: '/sys/devices/pci0000:00/0000:00:1f.6/virtio0' },
    ]) {
      const [link] = plan(selector, {}, on).wiring;
      assert.ok(link?.kind === 'link' && link.link.type === 'moved');
      assert.equal(link.link.from, 'eth1');
      assert.deepEqual(plan(selector, {}, on).result.interfaces[0]?.pciID, '0000:00:1f.6');
    }
  });
  it('says which selector finds nothing', () => {
    assert.throws(() => plan({ pciBusID: '0000:00:03.0' }), {
      code: 'DEVICE_MISSING',
      message:
        'Cannot plan host-device "net1": pciBusID is "0000:00:03.0", expected a device on the host with a network interface there',
    });
  });
  it('needs a selector that can be one', () => {
    for (const raw of [
      {},
      { kernelpath: '/etc' },
      { kernelpath: '/sys/devices/../x' },
      { runtimeConfig: { deviceID: 5 } },
    ]) {
      assert.throws(() => plan(raw), { code: 'CONFIG_INVALID' });
    }
  });
  it('leaves the node what it lives by', () => {
    for (const [device, why] of [
      ['eth0', /is the device of the host's default route/],
      ['lo', /is the host's loopback/],
    ] as const) {
      assert.throws(() => plan({ device }), { code: 'DEVICE_IN_USE', message: why });
    }
  });
  it("takes no other MAC than the device's own, and no name that the pod has", () => {
    assert.throws(() => plan(undefined, { mac: '0a:00:00:00:00:01' }), { code: 'MAC_INVALID' });
    assert.throws(() => plan(undefined, { ifname: 'lo' }), { code: 'INTERFACE_TAKEN' });
  });
});
