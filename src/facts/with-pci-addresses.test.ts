import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LinkFact } from '#netlink';
import { withPciAddresses } from './with-pci-addresses.ts';

test('withPciAddresses() finds the PCI device above a virtio one, and leaves all others as they are', () => {
  const sysfs = mkdtempSync(join(tmpdir(), 'underlane-sysfs-'));
  try {
    const bus = join(sysfs, 'bus/virtio/devices');
    mkdirSync(bus, { recursive: true });
    for (const [name, path] of [
      ['virtio0', 'devices/pci0000:00/0000:00:1c.4/0000:06:00.0/virtio0'],
      ['virtio1', 'devices/platform/a000000.virtio_mmio/virtio1'],
    ] as const) {
      mkdirSync(join(sysfs, path), { recursive: true });
      symlinkSync(join('../../..', path), join(bus, name));
    }
    const link = (name: string, parentDevice?: string): LinkFact => ({
      ifindex: 2,
      name,
      mtu: 1500,
      isUp: true,
      isLoopback: false,
      ...(parentDevice === undefined ? {} : { parentDevice }),
    });
    const plain = [link('lo'), link('eth0', '0000:00:1f.6')];
    assert.equal(withPciAddresses(plain, sysfs), plain);
    const links = [...plain, link('eth1', 'virtio0'), link('eth2', 'virtio1'), link('eth3', 'virtio9')];
    assert.deepEqual(
      withPciAddresses(links, sysfs).map(({ pciAddress }) => pciAddress),
      [undefined, undefined, '0000:06:00.0', undefined, undefined],
    );
  } finally {
    rmSync(sysfs, { recursive: true });
  }
});
