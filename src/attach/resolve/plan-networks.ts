import type { Pod } from '#api';
import type { CniRequest } from '#cni';
import { type AskedAddresses, askedOf, leftToOthers } from '#ipam';
import { refuseUselessClaim } from '../addresses/kept-addresses.ts';
import { AttachError } from '../errors.ts';
import type { Asked } from './asked-by.ts';
import type { AttachmentPlan } from './attachment-plan.ts';
import { type ChainContext, type ChainStep, ipamTypeOf, parseChain } from './chain.ts';
import type { NamedNetwork } from './find-network.ts';
import { flatFileSource } from './flat-file-source.ts';
import { deviceArgs, deviceInfoFile, giveDevices, withDevice } from './give-devices.ts';
import type { ResolveDeps } from './resolve-deps.ts';

/** A network as found, with what is asked of it. */
export type Wanted = Asked & { readonly network: NamedNetwork };

/** Gives each network its device and parses its chain. @throws as {@link planNetwork}; DevicesError */
export async function planNetworks(
  wanted: readonly Wanted[],
  request: CniRequest,
  pod: Pod | undefined,
  deps: ResolveDeps,
  signal: AbortSignal,
): Promise<AttachmentPlan[]> {
  const devices = await giveDevices(wanted, request, pod, deps.devices, signal);
  const leftIpams = await leftToOthers(ipamTypesOf(wanted), deps.catalog, signal);
  return wanted.map(({ network, deviceId: _deviceId, ...asked }, index) => {
    const device = devices[index];
    const info = deviceInfoFile(network, device, { ...asked, containerId: request.containerId }, deps.devices);
    const plan = planNetwork(
      { ...network, config: withDevice(network.config, device) },
      {
        ...asked,
        capabilityArgs: { ...asked.capabilityArgs, ...deviceArgs(device, info) },
        ...(info === undefined ? {} : { deviceInfo: info }),
      },
      { ...deps, leftIpams },
    );
    return device === undefined ? plan : { ...plan, devices: [...new Set([device.id, ...plan.devices])] };
  });
}

/** Parses a network's chain. @throws AttachError and the parsers' errors */
export function planNetwork(
  network: NamedNetwork,
  asked: Asked,
  deps: ResolveDeps & Pick<ChainContext, 'leftIpams'>,
): AttachmentPlan {
  const chain = parseChain(network.config, {
    source: network.source,
    lacksKind: deps.lacksKind,
    flatFile: flatFileSource(deps.confDir),
    capabilityArgs: asked.capabilityArgs,
    ...(network.nad === undefined ? {} : { nad: network.nad }),
    ...(network.scope === undefined ? {} : { scope: network.scope }),
    ...(deps.leftIpams === undefined ? {} : { leftIpams: deps.leftIpams }),
  });
  refuseUselessIps(asked.asked, chain, network.source);
  refuseUselessClaim({ asked: { ips: [] }, ...asked }, chain, network.source);
  return {
    network: network.config,
    chain,
    asked: { ips: [] },
    devices: chain.flatMap(devicesOf),
    ...asked,
    ...(network.nad === undefined ? {} : { nad: network.nad }),
    ...(network.detect === undefined ? {} : { detect: network.detect }),
  };
}

function ipamTypesOf(wanted: readonly Wanted[]): readonly string[] {
  return wanted.flatMap(({ network }) => network.config.plugins.flatMap(({ ipam }) => ipamTypeOf(ipam) ?? []));
}

function devicesOf(step: ChainStep): readonly string[] {
  return step.kind === 'planned' ? (step.plugin.devices?.(step.config) ?? []) : [];
}

/** Addresses asked of a network that has nobody to give any. A third-party plugin may know what to do with them. */
function refuseUselessIps(asked: AskedAddresses | undefined, chain: readonly ChainStep[], source: string): void {
  const ips = asked === undefined ? [] : askedOf(asked);
  if (ips.length === 0 || chain.some(step => step.kind !== 'planned' || step.ipam !== undefined)) return;
  throw new AttachError(
    'NETWORK_CONFIG',
    `Cannot use ${source}: the pod asks for ips ${ips.join(', ')}, but the network has no ipam, expected none`,
  );
}
