import type { CniDns } from '#cni';
import type { LinkItem, WiringItem } from '#wiring';
import { PlanError } from './errors.ts';
import { gatewayRoutes } from './gateway-routes.ts';
import type { AttachmentSpec, IpamResult, Plan } from './plugin.ts';
import { podAddresses } from './pod-addresses.ts';

/** A link in the pod that carries addresses of its own. */
export interface PodInterface {
  readonly attachment: AttachmentSpec;
  readonly link: LinkItem;
  /** As the result tells it; undefined when the link has none that is known beforehand. */
  readonly mac: string | undefined;
  /** Bytes; undefined when it is the kernel's choice. */
  readonly mtu: number | undefined;
  /** PCI address, for a device that has one. */
  readonly pciID?: string | undefined;
  /** Undefined: the link comes up, with no address. */
  readonly ipam: IpamResult | undefined;
  readonly dns: CniDns;
}

/** What most main plugins end in: one link, addresses and routes on it, and a result that names it. */
export function podInterfacePlan({ attachment, link, mac, mtu, pciID, ipam, dns }: PodInterface): Plan {
  const { ifname } = attachment;
  const onLink: readonly WiringItem[] =
    ipam === undefined ? [] : [...podAddresses(ifname, ipam), ...gatewayRoutes(ifname, ipam)];
  return {
    wiring: [link, ...onLink],
    result: {
      interfaces: [
        {
          name: ifname,
          ...(mac === undefined ? {} : { mac }),
          ...(mtu === undefined ? {} : { mtu }),
          sandbox: attachment.netns,
          ...(pciID === undefined ? {} : { pciID }),
        },
      ],
      ips: (ipam?.ips ?? []).map(ip => ({ ...ip, interface: 0 })),
      routes: ipam?.routes ?? [],
      dns,
    },
  };
}

/** @throws PlanError NO_ADDRESS when the config has no ipam */
export function requireIpam(type: string, ifname: string, ipam: IpamResult | undefined): IpamResult {
  if (ipam !== undefined) return ipam;
  throw new PlanError(
    'NO_ADDRESS',
    `Cannot plan ${type} "${ifname}": ipam is not set, expected one that gives an address`,
  );
}
