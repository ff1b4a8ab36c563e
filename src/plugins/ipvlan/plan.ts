import type { CniResult } from '#cni';
import type { LinkItem } from '#wiring';
import { PlanError } from '../errors.ts';
import { findMaster, masterMtu } from '../find-master.ts';
import type { IpamResult, Plan, PlanInput } from '../plugin.ts';
import { podInterfacePlan, requireIpam } from '../pod-interface-plan.ts';
import { refuseOtherMac } from '../refuse-mac.ts';
import { refuseTakenName } from '../taken-name.ts';
import type { IpvlanConfig } from './config.ts';

/** An ipvlan on the master, with the addresses that IPAM gave, or else the previous plugin. */
export function planIpvlan(input: PlanInput<IpvlanConfig>): Plan {
  const { attachment, prevResult, facts } = input;
  const { ifname } = attachment;
  refuseTakenName('ipvlan', ifname, facts.pod);
  const config = withMaster(input.config, ifname, prevResult);
  const masterPlace = config.linkInContainer ? 'pod' : 'host';
  const master = findMaster('ipvlan', config, ifname, facts[masterPlace]);
  refuseOtherMac('ipvlan', attachment, master.mac, `an ipvlan has the MAC of its master "${master.name}"`);
  const link: LinkItem = {
    kind: 'link',
    place: 'pod',
    name: ifname,
    link: { type: 'ipvlan', master: master.name, masterPlace, mode: config.mode },
    mtu: masterMtu('ipvlan', config, ifname, master),
    isUp: true,
  };
  const ipam = requireIpam('ipvlan', ifname, input.ipam ?? prevAddresses(prevResult));
  return podInterfacePlan({ attachment, link, mtu: link.mtu, mac: master.mac, ipam, dns: config.dns });
}

/** In a chain, the interface that the plugin before it has made is the master, where none is named. */
function withMaster(config: IpvlanConfig, ifname: string, prevResult: CniResult | undefined): IpvlanConfig {
  if (config.master !== undefined || prevResult === undefined) return config;
  const [only, ...others] = prevResult.interfaces;
  if (only !== undefined && only.name !== '' && others.length === 0) return { ...config, master: only.name };
  throw new PlanError(
    'MASTER_MISSING',
    `Cannot plan ipvlan "${ifname}": master is not set and prevResult has ${prevResult.interfaces.length} interfaces, expected a master, or exactly one interface in prevResult`,
  );
}

function prevAddresses(prevResult: CniResult | undefined): IpamResult | undefined {
  if (prevResult === undefined || prevResult.ips.length === 0) return undefined;
  const { ips, routes, dns } = prevResult;
  return {
    ips: ips.map(({ address, gateway }) => ({ address, ...(gateway === undefined ? {} : { gateway }) })),
    routes,
    dns,
  };
}
