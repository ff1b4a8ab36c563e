import type { VfSetting } from '#facts';
import type { LinkItem, VfItem } from '#wiring';
import { interfaceMac } from '../planned-mac.ts';
import type { Plan, PlanInput } from '../plugin.ts';
import { podInterfacePlan } from '../pod-interface-plan.ts';
import { refuseTakenName } from '../taken-name.ts';
import type { SriovConfig } from './config.ts';
import { type FoundVf, findVf } from './find-vf.ts';

const NO_MAC = '00:00:00:00:00:00';

/**
 * The virtual function, set up as the config says, in the pod under the pod's name for it. One that a userspace driver has
 * is only set up: its program finds it by its address on the bus.
 */
export function planSriov(input: PlanInput<SriovConfig>): Plan {
  const { config, attachment, ipam, facts } = input;
  const { ifname, netns } = attachment;
  const vf = findVf(config.deviceId, ifname, facts);
  const isMacAsked = attachment.mac !== undefined || config.mac !== undefined;
  const asked = isMacAsked ? interfaceMac(attachment, config.mac) : undefined;
  const wiring = wantedSettings(config, asked, vf).map(
    (setting): VfItem => ({
      kind: 'vf',
      place: 'host',
      dev: vf.pf.name,
      vf: vf.number,
      setting,
      // So that a container which is late to go leaves to the next one what was there before both.
      shared: `vf/${vf.pf.name}/${vf.number}/${setting.name}`,
    }),
  );
  const { link } = vf;
  if (link === undefined) {
    const mac = asked ?? administrativeMac(vf);
    const told = { name: ifname, ...(mac === undefined ? {} : { mac }), mtu: vf.pf.mtu, sandbox: netns };
    return {
      wiring,
      result: {
        interfaces: [{ ...told, pciID: config.deviceId }],
        ips: (ipam?.ips ?? []).map(ip => ({ ...ip, interface: 0 })),
        routes: ipam?.routes ?? [],
        dns: config.dns,
      },
    };
  }
  refuseTakenName('sriov', ifname, facts.pod);
  const moved: LinkItem = {
    kind: 'link',
    place: 'pod',
    name: ifname,
    link: {
      type: 'moved',
      from: link.name,
      fromPlace: 'host',
      ...(link.mac === undefined ? {} : { address: link.mac }),
      ...(link.kind === undefined ? {} : { deviceKind: link.kind }),
      ...(link.parentDevice === undefined ? {} : { parentDevice: link.parentDevice }),
    },
    ...(asked === undefined ? {} : { mac: asked }),
    isUp: true,
  };
  const { mtu } = link;
  const pciID = config.deviceId;
  const plan = podInterfacePlan({ attachment, link: moved, mac: asked ?? link.mac, mtu, pciID, ipam, dns: config.dns });
  return { ...plan, wiring: [...wiring, ...plan.wiring] };
}

/** In the order in which the reference plugin makes them. What is not given stays as it is. */
function wantedSettings(config: SriovConfig, mac: string | undefined, vf: FoundVf): readonly VfSetting[] {
  const { vlan, minTxRate, maxTxRate, isSpoofChecked, isTrusted, linkState } = config;
  const settings: VfSetting[] = [];
  if (vlan !== undefined) settings.push({ name: 'vlan', ...vlan });
  if (mac !== undefined) settings.push({ name: 'mac', mac });
  if (minTxRate !== undefined || maxTxRate !== undefined) {
    const before = vf.settings.find(({ name }) => name === 'rate');
    const { min, max } = before?.name === 'rate' ? before : { min: 0, max: 0 };
    settings.push({ name: 'rate', min: minTxRate ?? min, max: maxTxRate ?? max });
  }
  if (isSpoofChecked !== undefined) settings.push({ name: 'spoofchk', isOn: isSpoofChecked });
  if (isTrusted !== undefined) settings.push({ name: 'trust', isOn: isTrusted });
  if (linkState !== undefined) settings.push({ name: 'state', state: linkState });
  return settings;
}

function administrativeMac({ settings }: FoundVf): string | undefined {
  const setting = settings.find(({ name }) => name === 'mac');
  return setting?.name === 'mac' && setting.mac !== NO_MAC ? setting.mac : undefined;
}
