import type { Pod } from '#api';
import {
  type CniRequest,
  isJsonObject,
  isSupportedVersion,
  type JsonObject,
  NEWEST_VERSION,
  type NetworkConfig,
} from '#cni';
import { type AskedAddresses, askedOf } from '#ipam';
import {
  assignInterfaceNames,
  checkAnnotationNames,
  DEFAULT_NETWORK_ANNOTATION,
  NETWORKS_ANNOTATION,
  type NetworkSelection,
  parseDefaultNetworkAnnotation,
  parseNetworksAnnotation,
} from '#networks';
import { capabilityArgsOf, uselessCapabilities } from './capability-args.ts';
import { type ChainStep, parseChain } from './chain.ts';
import { AttachError } from './errors.ts';
import {
  clusterNetwork,
  type NamedNetwork,
  type NetworkSources,
  networkOfNad,
  SYSTEM_NAMESPACE,
} from './find-network.ts';
import { flatFileSource } from './flat-file-source.ts';

/** One attachment to be made: its network's chain, parsed, and what the pod asked of it. */
export interface AttachmentPlan {
  readonly network: NetworkConfig;
  /** `namespace/name` of the NetworkAttachmentDefinition, where there is one. */
  readonly nad?: string;
  readonly ifname: string;
  readonly chain: readonly ChainStep[];
  /** The pod's default network: its result goes to the runtime. */
  readonly isDefault: boolean;
  readonly mac?: string;
  readonly asked: AskedAddresses;
  readonly cniArgs?: Readonly<Record<string, unknown>>;
  /** All that was asked for; a plugin gets what its `capabilities` declare. */
  readonly capabilityArgs: JsonObject;
  /** Next hops of the pod's default routes, which this attachment is to have; empty: those that its plugins make. */
  readonly defaultRoute?: readonly string[];
}

/** A pod's attachments, and what of its annotations means nothing. */
export interface ResolvedNetworks {
  readonly plans: readonly AttachmentPlan[];
  /** Sentences for the pod's Events. */
  readonly warnings: readonly string[];
}

export interface ResolveDeps extends NetworkSources {
  readonly lacksKind: (kind: string) => boolean;
}

/**
 * A pod's attachments in order: the default network under CNI_IFNAME, then those of the networks annotation as net1, net2, ...
 * Everything is parsed here, so that a wrong manifest fails before anything is made.
 * @throws AttachError, NetworksError and the parsers' errors, each naming object, field, value and what was expected
 */
export async function resolvePodNetworks(
  request: CniRequest,
  pod: Pod | undefined,
  deps: ResolveDeps,
  signal: AbortSignal,
): Promise<ResolvedNetworks> {
  const annotations = pod?.metadata.annotations ?? {};
  const namespace = pod?.metadata.namespace ?? 'default';
  const misspelt = checkAnnotationNames(annotations);
  if (misspelt !== undefined) throw new AttachError('NETWORK_CONFIG', misspelt);
  const replaced = parseDefaultNetworkAnnotation(annotations[DEFAULT_NETWORK_ANNOTATION] ?? '', SYSTEM_NAMESPACE);
  const asked = parseNetworksAnnotation(annotations[NETWORKS_ANNOTATION] ?? '', namespace);
  const names = assignInterfaceNames(asked.networks, [request.ifname]);
  const warnings = [...replaced.warnings, ...asked.warnings];
  const planSelection = async (selection: NetworkSelection, place: Place): Promise<AttachmentPlan> => {
    const network = await networkOfNad(selection.namespace, selection.name, deps, signal);
    for (const name of uselessCapabilities(selection, network.config)) {
      warnings.push(`${network.source}: the pod asks for ${name}, but none of its plugins declares that capability`);
    }
    return planOf(network, { ...place, ...askedBy(selection, place.isDefault ? request : undefined) }, deps);
  };
  const first: Place = { ifname: request.ifname, isDefault: true };
  const [selected] = replaced.networks;
  const plans = await Promise.all([
    selected === undefined
      ? clusterNetwork(request, deps, signal).then(network =>
          planOf(network, { ...first, capabilityArgs: request.config.runtimeConfig }, deps),
        )
      : planSelection(selected, first),
    ...asked.networks.map((selection, index) =>
      planSelection(selection, { ifname: names[index] ?? '', isDefault: false }),
    ),
  ]);
  return { plans, warnings };
}

/** The attachment of a request that names a plugin of its own: exactly that plugin on the given config. */
export function resolveSinglePlugin(request: CniRequest, deps: ResolveDeps): AttachmentPlan {
  const { cniVersion, name, plugin } = request.config;
  const network: NetworkConfig = {
    kind: 'single',
    cniVersion: isSupportedVersion(cniVersion) ? cniVersion : NEWEST_VERSION,
    name,
    plugins: [{ ...plugin, type: request.plugin }],
    disableCheck: false,
    raw: plugin,
  };
  return planOf(
    { config: network, source: `network "${name}"` },
    {
      ifname: request.ifname,
      isDefault: true,
      capabilityArgs: request.config.runtimeConfig,
      ...requestedOf(request),
    },
    deps,
  );
}

type Place = Pick<AttachmentPlan, 'ifname' | 'isDefault'>;
type Asked = Place &
  Pick<AttachmentPlan, 'capabilityArgs'> &
  Partial<Pick<AttachmentPlan, 'mac' | 'asked' | 'cniArgs' | 'defaultRoute'>>;

function planOf(network: NamedNetwork, asked: Asked, deps: ResolveDeps): AttachmentPlan {
  const chain = parseChain(network.config, {
    source: network.source,
    lacksKind: deps.lacksKind,
    flatFile: flatFileSource(deps.confDir),
    ...(network.scope === undefined ? {} : { scope: network.scope }),
  });
  refuseUselessIps(asked.asked, chain, network.source);
  return {
    network: network.config,
    chain,
    asked: { ips: [] },
    ...asked,
    ...(network.nad === undefined ? {} : { nad: network.nad }),
  };
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

/**
 * What a selection asks of its network. The runtime's capability arguments are for the network that it asked for: a host
 * port must not be opened once for each network of a pod.
 */
function askedBy(selection: NetworkSelection, runtime: CniRequest | undefined): Omit<Asked, keyof Place> {
  const { mac, cniArgs, defaultRoute } = selection;
  return {
    asked: { ips: selection.ips ?? ipsOf(cniArgs) },
    capabilityArgs: { ...runtime?.config.runtimeConfig, ...capabilityArgsOf(selection) },
    ...(mac === undefined ? {} : { mac }),
    ...(cniArgs === undefined ? {} : { cniArgs }),
    ...(defaultRoute === undefined ? {} : { defaultRoute }),
  };
}

/** Addresses and MAC of a request, runtimeConfig before CNI_ARGS as the reference plugins have it. */
function requestedOf({ config, args }: CniRequest): Pick<AttachmentPlan, 'asked'> & { readonly mac?: string } {
  const { ips, mac } = config.runtimeConfig;
  const wantedMac = typeof mac === 'string' ? mac : args.mac;
  const ownArgs = config.plugin['args'];
  const gateways = args.pairs['GATEWAY'];
  return {
    asked: {
      ips: Array.isArray(ips) ? ips.map(String) : ipsOf(isJsonObject(ownArgs) ? ownArgs['cni'] : undefined),
      argIps: args.ips,
      ...(gateways ? { argGateways: gateways.split(',').map(text => text.trim()) } : {}),
    },
    ...(wantedMac === undefined ? {} : { mac: wantedMac }),
  };
}

/** The addresses in `args.cni`, where older runtimes and the pod's own `cni-args` put them. */
function ipsOf(cniArgs: unknown): readonly string[] {
  const ips = isJsonObject(cniArgs) ? cniArgs['ips'] : undefined;
  if (ips === undefined || ips === null) return [];
  if (Array.isArray(ips)) return ips.map(String);
  throw new AttachError(
    'NETWORK_CONFIG',
    `Cannot use args.cni: ips is ${JSON.stringify(ips)}, expected a list of addresses`,
  );
}
