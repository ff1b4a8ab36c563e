import type { LinkFact, NsFacts } from '#facts';
import type { LinkItem } from '#wiring';
import { PlanError } from '../errors.ts';
import { findMaster, masterMtu } from '../find-master.ts';
import { interfaceMac } from '../planned-mac.ts';
import type { Plan, PlanInput } from '../plugin.ts';
import { podInterfacePlan, requireIpam } from '../pod-interface-plan.ts';
import { refuseTakenName } from '../taken-name.ts';
import type { VlanConfig } from './config.ts';

/** A VLAN of the master, born in the pod, with the addresses and routes that IPAM gave. */
export function planVlan(input: PlanInput<VlanConfig>): Plan {
  const { config, attachment, facts } = input;
  const { ifname } = attachment;
  refuseTakenName('vlan', ifname, facts.pod);
  const masterPlace = config.linkInContainer ? 'pod' : 'host';
  const master = findMaster('vlan', config, ifname, facts[masterPlace]);
  refuseTakenId(config, ifname, master, facts[masterPlace]);
  // Without a wish it has its master's, as the kernel gives it.
  const asked = attachment.mac === undefined ? undefined : interfaceMac(attachment, undefined);
  const link: LinkItem = {
    kind: 'link',
    place: 'pod',
    name: ifname,
    link: { type: 'vlan', master: master.name, masterPlace, id: config.vlanId },
    ...(asked === undefined ? {} : { mac: asked }),
    mtu: masterMtu('vlan', config, ifname, master),
    isUp: true,
  };
  const ipam = requireIpam('vlan', ifname, input.ipam);
  return podInterfacePlan({ attachment, link, mtu: link.mtu, mac: asked ?? master.mac, ipam, dns: config.dns });
}

/** A master has each VLAN once. One in another pod cannot be seen from here: then the kernel says it. */
function refuseTakenId(config: VlanConfig, ifname: string, master: LinkFact, ns: NsFacts): void {
  const taken = ns.links.find(
    link => link.kind === 'vlan' && link.linkIfindex === master.ifindex && link.vlanId === config.vlanId,
  );
  if (taken === undefined) return;
  throw new PlanError(
    'INTERFACE_TAKEN',
    `Cannot plan vlan "${ifname}": vlanId is ${config.vlanId}, and "${taken.name}" is that VLAN of master "${master.name}" already, expected a VLAN that nobody has, or macvlan with "${taken.name}" as master`,
    { details: { vlanId: config.vlanId, master: master.name } },
  );
}
