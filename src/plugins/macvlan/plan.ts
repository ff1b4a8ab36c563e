import type { LinkItem } from '#wiring';
import { findMaster, masterMtu } from '../find-master.ts';
import { interfaceMac } from '../planned-mac.ts';
import type { Plan, PlanInput } from '../plugin.ts';
import { podInterfacePlan } from '../pod-interface-plan.ts';
import { refuseTakenName } from '../taken-name.ts';
import type { MacvlanConfig } from './config.ts';

/** A macvlan on the master, with the addresses and routes that IPAM gave. */
export function planMacvlan({ config, attachment, ipam, facts }: PlanInput<MacvlanConfig>): Plan {
  const { ifname } = attachment;
  refuseTakenName('macvlan', ifname, facts.pod);
  const masterPlace = config.linkInContainer ? 'pod' : 'host';
  const master = findMaster('macvlan', config, ifname, facts[masterPlace]);
  const mac = interfaceMac(attachment, config.mac);
  const link: LinkItem = {
    kind: 'link',
    place: 'pod',
    name: ifname,
    link: {
      type: 'macvlan',
      master: master.name,
      masterPlace,
      mode: config.mode,
      ...(config.bcQueueLen === 0 ? {} : { bcQueueLen: config.bcQueueLen }),
    },
    mac,
    mtu: masterMtu('macvlan', config, ifname, master),
    isUp: true,
  };
  return podInterfacePlan({ attachment, link, mtu: link.mtu, mac, ipam, dns: config.dns });
}
