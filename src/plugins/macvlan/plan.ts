import type { CniResult } from '#cni';
import type { LinkFact, NsFacts } from '#facts';
import { defaultRouteDev } from '#facts';
import type { LinkItem, Wiring } from '#wiring';
import { PlanError } from '../errors.ts';
import { gatewayRoutes } from '../gateway-routes.ts';
import { interfaceMac } from '../planned-mac.ts';
import type { Plan, PlanInput } from '../plugin.ts';
import { podAddresses } from '../pod-addresses.ts';
import { refuseTakenName } from '../taken-name.ts';
import type { MacvlanConfig } from './config.ts';

/** A macvlan on the master, with the addresses and routes that IPAM gave. */
export function planMacvlan(input: PlanInput<MacvlanConfig>): Plan {
  const { config, attachment, ipam, facts } = input;
  const { ifname } = attachment;
  refuseTakenName('macvlan', ifname, facts.pod);
  const master = findMaster(config, ifname, config.linkInContainer ? facts.pod : facts.host);
  const mac = interfaceMac(attachment, config.mac);
  const link: LinkItem = {
    kind: 'link',
    place: 'pod',
    name: ifname,
    link: {
      type: 'macvlan',
      master: master.name,
      masterPlace: config.linkInContainer ? 'pod' : 'host',
      mode: config.mode,
      ...(config.bcQueueLen === 0 ? {} : { bcQueueLen: config.bcQueueLen }),
    },
    mac,
    mtu: plannedMtu(config, ifname, master),
    isUp: true,
  };
  const wiring: Wiring =
    ipam === undefined ? [link] : [link, ...podAddresses(ifname, ipam), ...gatewayRoutes(ifname, ipam)];
  const result: CniResult = {
    interfaces: [{ name: ifname, mac, sandbox: attachment.netns }],
    ips: (ipam?.ips ?? []).map(ip => ({ ...ip, interface: 0 })),
    routes: ipam?.routes ?? [],
    dns: config.dns,
  };
  return { wiring, result };
}

function findMaster(config: MacvlanConfig, ifname: string, ns: NsFacts): LinkFact {
  const where = config.linkInContainer ? 'in the pod' : 'on the host';
  const name = config.master ?? defaultRouteDev(ns);
  if (name === undefined) {
    throw new PlanError(
      'MASTER_MISSING',
      `Cannot plan macvlan "${ifname}": master is not set and there is no default route ${where}; expected the name of a device`,
    );
  }
  const master = ns.links.find(link => link.name === name);
  if (master !== undefined) return master;
  throw new PlanError(
    'MASTER_MISSING',
    `Cannot plan macvlan "${ifname}": master is "${name}"; expected the name of a device ${where}`,
    { details: { master: name } },
  );
}

/** Always a number: what comes later in the chain takes its own MTU from this one. */
function plannedMtu(config: MacvlanConfig, ifname: string, master: LinkFact): number {
  if (config.mtu <= master.mtu) return config.mtu === 0 ? master.mtu : config.mtu;
  throw new PlanError(
    'MTU_TOO_LARGE',
    `Cannot plan macvlan "${ifname}": mtu is ${config.mtu}; expected 0 to ${master.mtu}, the MTU of master "${master.name}"`,
    { details: { mtu: config.mtu, master: master.name, masterMtu: master.mtu } },
  );
}
