import { realpathSync } from 'node:fs';
import { codeOf } from '#base';
import type { LinkFact } from '#netlink';

const SYSFS = '/sys';

const PCI_ADDRESS = /^[\da-f]{4}:[\da-f]{2}:[\da-f]{2}\.[\da-f]$/i;

/**
 * The links, those of devices that sit on a PCI device but on another bus below it (virtio) with its address. The kernel
 * tells of the nearest parent only, `virtio0`, while people and device plugins know the PCI address.
 *
 * @param sysfs where it is mounted
 */
export function withPciAddresses(links: readonly LinkFact[], sysfs = SYSFS): readonly LinkFact[] {
  if (!links.some(isOnVirtio)) return links;
  return links.map(link => {
    const pciAddress = isOnVirtio(link) ? pciAddressOf(link.parentDevice, sysfs) : undefined;
    return pciAddress === undefined ? link : { ...link, pciAddress };
  });
}

function isOnVirtio(link: LinkFact): link is LinkFact & { readonly parentDevice: string } {
  return link.parentDevice !== undefined && /^virtio\d+$/.test(link.parentDevice);
}

/** `/sys/devices/pci0000:00/0000:00:03.0/virtio0`: the last before the device itself. */
function pciAddressOf(device: string, sysfs: string): string | undefined {
  try {
    const path = realpathSync(`${sysfs}/bus/virtio/devices/${device}`);
    return path.split('/').findLast(part => PCI_ADDRESS.test(part));
  } catch (error) {
    // Virtio devices are on other buses, too (mmio), and go at any time.
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
