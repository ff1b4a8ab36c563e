import type { LinkFact, NsFacts } from '#facts';
import { defaultRouteDev } from '#facts';
import type { LinkItem } from '#wiring';
import { PlanError } from '../errors.ts';
import type { Plan, PlanInput } from '../plugin.ts';
import { podInterfacePlan } from '../pod-interface-plan.ts';
import { refuseOtherMac } from '../refuse-mac.ts';
import { refuseTakenName } from '../taken-name.ts';
import type { DeviceSelector, HostDeviceConfig } from './config.ts';

/** A device of the host, in the pod under the pod's name for it, with the addresses and routes that IPAM gave. */
export function planHostDevice({ config, attachment, ipam, facts }: PlanInput<HostDeviceConfig>): Plan {
  const { ifname } = attachment;
  refuseTakenName('host-device', ifname, facts.pod);
  const device = findDevice(config.selector, ifname, facts.host);
  refuseNodeDevice(device, ifname, facts.host);
  refuseOtherMac('host-device', attachment, device.mac, 'a device keeps its own');
  const link: LinkItem = {
    kind: 'link',
    place: 'pod',
    name: ifname,
    link: {
      type: 'moved',
      from: device.name,
      fromPlace: 'host',
      ...(device.mac === undefined ? {} : { address: device.mac }),
      ...(device.kind === undefined ? {} : { deviceKind: device.kind }),
    },
    isUp: true,
  };
  return podInterfacePlan({
    attachment,
    link,
    mac: device.mac,
    mtu: device.mtu,
    pciID: pciIdOf(device),
    ipam,
    dns: config.dns,
  });
}

function findDevice(selector: DeviceSelector, ifname: string, host: NsFacts): LinkFact {
  const device = host.links.find(link => isMeant(selector, link));
  if (device !== undefined) return device;
  throw new PlanError(
    'DEVICE_MISSING',
    `Cannot plan host-device "${ifname}": ${selector.by} is "${selector.value}", expected a device on the host with a network interface there`,
    { details: { [selector.by]: selector.value } },
  );
}

function isMeant({ by, value }: DeviceSelector, link: LinkFact): boolean {
  switch (by) {
    case 'device':
      return link.name === value;
    case 'hwaddr':
      // What is made upon a device has its MAC, too.
      return link.mac === value && link.linkIfindex === undefined;
    case 'kernelpath': {
      const [, parent = '', name] = /([^/]+)(?:\/net\/([^/]+))?\/?$/.exec(value) ?? [];
      if (name !== undefined) return link.name === name;
      return link.parentDevice === parent || link.pciAddress === parent;
    }
    case 'pciBusID':
      return link.parentDevice === value || link.pciAddress === value;
  }
}

/** `0000:3b:02.1` */
function pciIdOf({ parentDevice, pciAddress }: LinkFact): string | undefined {
  return pciAddress ?? (parentDevice?.includes(':') === true ? parentDevice : undefined);
}

/** The node stays reachable, whatever a network's config says. */
function refuseNodeDevice(device: LinkFact, ifname: string, host: NsFacts): void {
  const isDefault = defaultRouteDev(host) === device.name;
  if (!device.isLoopback && !isDefault) return;
  throw new PlanError(
    'DEVICE_IN_USE',
    `Cannot plan host-device "${ifname}": "${device.name}" is ${isDefault ? "the device of the host's default route" : "the host's loopback"}, expected a device that the node can do without`,
    { details: { device: device.name } },
  );
}
