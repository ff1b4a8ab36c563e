import { type CniRequest, isJsonObject } from '#cni';
import type { NetworkSelection } from '#networks';
import { IPAM_CLAIM_ARG } from '../addresses/kept-addresses.ts';
import { AttachError } from '../errors.ts';
import type { AttachmentPlan } from './attachment-plan.ts';
import { capabilityArgsOf } from './capability-args.ts';

/** Where an attachment goes. */
export type Place = Pick<AttachmentPlan, 'ifname' | 'isDefault'>;
/** What is asked of a network: by a selection, by a request, or by nobody. */
export type Asked = Place &
  Pick<AttachmentPlan, 'capabilityArgs'> &
  Partial<
    Pick<
      AttachmentPlan,
      'mac' | 'asked' | 'cniArgs' | 'ipamClaim' | 'defaultRoute' | 'isAuxiliary' | 'deviceInfo' | 'selection'
    >
  > & {
    /** The device that the pod asks for by its ID. */
    readonly deviceId?: string;
  };

/**
 * What a selection asks of its network. The runtime's capability arguments are for the network that it asked for: a host
 * port must not be opened once for each network of a pod.
 */
export function askedBy(selection: NetworkSelection, runtime: CniRequest | undefined): Omit<Asked, keyof Place> {
  const { mac, defaultRoute, deviceId, ipamClaim } = selection;
  const cniArgs = ipamClaim === undefined ? selection.cniArgs : { ...selection.cniArgs, [IPAM_CLAIM_ARG]: ipamClaim };
  return {
    asked: { ips: selection.ips ?? ipsOf(cniArgs) },
    capabilityArgs: { ...runtime?.config.runtimeConfig, ...capabilityArgsOf(selection) },
    ...(mac === undefined ? {} : { mac }),
    ...(cniArgs === undefined ? {} : { cniArgs }),
    ...(ipamClaim === undefined ? {} : { ipamClaim }),
    ...(defaultRoute === undefined ? {} : { defaultRoute }),
    ...(deviceId === undefined ? {} : { deviceId }),
  };
}

/** Addresses and MAC of a request, runtimeConfig before CNI_ARGS as the reference plugins have it. */
export function requestedOf({ config, args }: CniRequest): Pick<AttachmentPlan, 'asked' | 'mac' | 'ipamClaim'> {
  const { ips, mac } = config.runtimeConfig;
  const wantedMac = typeof mac === 'string' ? mac : args.mac;
  const ownArgs = config.plugin['args'];
  const cniArgs = isJsonObject(ownArgs) ? ownArgs['cni'] : undefined;
  const ipamClaim = isJsonObject(cniArgs) ? cniArgs[IPAM_CLAIM_ARG] : undefined;
  const gateways = args.pairs['GATEWAY'];
  return {
    asked: {
      ips: Array.isArray(ips) ? ips.map(ip => (typeof ip === 'string' ? ip : JSON.stringify(ip))) : ipsOf(cniArgs),
      argIps: args.ips,
      ...(gateways ? { argGateways: gateways.split(',').map(text => text.trim()) } : {}),
    },
    ...(wantedMac === undefined ? {} : { mac: wantedMac }),
    ...(typeof ipamClaim === 'string' && ipamClaim !== '' ? { ipamClaim } : {}),
  };
}

/** The addresses in `args.cni`, where older runtimes and the pod's own `cni-args` put them. */
function ipsOf(cniArgs: unknown): readonly string[] {
  const ips = isJsonObject(cniArgs) ? cniArgs['ips'] : undefined;
  if (ips === undefined || ips === null) return [];
  if (Array.isArray(ips)) return ips.map(ip => (typeof ip === 'string' ? ip : JSON.stringify(ip)));
  throw new AttachError(
    'NETWORK_CONFIG',
    `Cannot use args.cni: ips is ${JSON.stringify(ips)}, expected a list of addresses`,
  );
}
