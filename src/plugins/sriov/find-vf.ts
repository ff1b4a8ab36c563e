import type { DeviceFact, Facts, LinkFact, VfSetting } from '#facts';
import { PlanError } from '../errors.ts';

/** A virtual function, as it was found. */
export interface FoundVf {
  readonly number: number;
  /** The physical function's interface. */
  readonly pf: LinkFact;
  /** Its own interface; undefined when a userspace driver has it. */
  readonly link: LinkFact | undefined;
  /** What the physical function's driver tells of it. */
  readonly settings: readonly VfSetting[];
}

/** Drivers under which a device is a program's own, with no interface in the kernel. */
const USERSPACE_DRIVERS = ['vfio-pci', 'uio_pci_generic', 'igb_uio'];

/**
 * The virtual function of that address.
 * @throws PlanError DEVICE_MISSING, DEVICE_IN_USE
 */
export function findVf(deviceId: string, ifname: string, { host, devices = [] }: Facts): FoundVf {
  const fail = (code: 'DEVICE_MISSING' | 'DEVICE_IN_USE', what: string): PlanError =>
    new PlanError(code, `Cannot plan sriov "${ifname}": deviceID is "${deviceId}", ${what}`, { details: { deviceId } });
  const device = devices.find(({ id }) => id === deviceId);
  if (device === undefined) {
    throw fail('DEVICE_MISSING', 'which is not on the PCI bus, expected a virtual function of this node');
  }
  const { vf } = device;
  if (vf === undefined) throw fail('DEVICE_MISSING', 'which is no virtual function, expected one');
  // A switch card's physical function has an interface for each virtual one besides its own.
  const pfs = vf.pfLinks.flatMap(name => host.links.find(link => link.name === name) ?? []);
  const tellsOf = ({ name }: LinkFact) => host.vfs?.[name]?.find(fact => fact.vf === vf.number);
  const pf = pfs.find(link => tellsOf(link) !== undefined) ?? pfs[0];
  if (pf === undefined) {
    throw fail(
      'DEVICE_MISSING',
      `whose physical function "${vf.pf}" has no network interface on the node, expected one`,
    );
  }
  const link = linkOf(device, host.links);
  const { driver = 'none' } = device;
  if (link === undefined && !USERSPACE_DRIVERS.includes(driver)) {
    throw fail(
      'DEVICE_IN_USE',
      `which has no network interface on the node and the driver ${driver}, expected one that is in no pod, or a driver such as ${USERSPACE_DRIVERS[0]}`,
    );
  }
  return { number: vf.number, pf, link, settings: tellsOf(pf)?.settings ?? [] };
}

function linkOf(device: DeviceFact, links: readonly LinkFact[]): LinkFact | undefined {
  return links.find(({ name }) => device.links.includes(name));
}
