import type { LinkItem } from '#wiring';
import { interfaceMac } from '../planned-mac.ts';
import type { Plan, PlanInput } from '../plugin.ts';
import { podInterfacePlan, requireIpam } from '../pod-interface-plan.ts';
import { refuseTakenName } from '../taken-name.ts';
import type { DummyConfig } from './config.ts';

/** A dummy in the pod, with the addresses and routes that IPAM gave. */
export function planDummy({ config, attachment, ipam, facts }: PlanInput<DummyConfig>): Plan {
  const { ifname } = attachment;
  refuseTakenName('dummy', ifname, facts.pod);
  const mac = interfaceMac(attachment, undefined);
  const link: LinkItem = { kind: 'link', place: 'pod', name: ifname, link: { type: 'dummy' }, mac, isUp: true };
  return podInterfacePlan({
    attachment,
    link,
    mac,
    mtu: undefined,
    ipam: requireIpam('dummy', ifname, ipam),
    dns: config.dns,
  });
}
