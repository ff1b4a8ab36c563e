import type { Pod } from '#api';
import { type CniRequest, isJsonObject, isSupportedVersion, NEWEST_VERSION, type NetworkConfig } from '#cni';
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
): Promise<readonly AttachmentPlan[]> {
  const annotations = pod?.metadata.annotations ?? {};
  const namespace = pod?.metadata.namespace ?? 'default';
  const misspelt = checkAnnotationNames(annotations);
  if (misspelt !== undefined) throw new AttachError('NETWORK_CONFIG', misspelt);
  const defaultText = annotations[DEFAULT_NETWORK_ANNOTATION];
  const selected = defaultText === undefined ? undefined : parseDefaultNetworkAnnotation(defaultText, SYSTEM_NAMESPACE);
  const first =
    selected === undefined
      ? planOf(await clusterNetwork(request, deps, signal), { ifname: request.ifname, isDefault: true }, deps)
      : await planOfSelection(selected, { ifname: request.ifname, isDefault: true }, deps, signal);
  const text = annotations[NETWORKS_ANNOTATION];
  const selections = text === undefined ? [] : parseNetworksAnnotation(text, namespace);
  const names = assignInterfaceNames(selections, [request.ifname]);
  const others = await Promise.all(
    selections.map((selection, index) =>
      planOfSelection(selection, { ifname: names[index] ?? '', isDefault: false }, deps, signal),
    ),
  );
  return [first, ...others];
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
    { ifname: request.ifname, isDefault: true, ...requestedOf(request) },
    deps,
  );
}

type Asked = Pick<AttachmentPlan, 'ifname' | 'isDefault'> & Partial<Pick<AttachmentPlan, 'mac' | 'asked' | 'cniArgs'>>;

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
    `Cannot use ${source}: the pod asks for ips ${ips.join(', ')}, but the network has no ipam; expected none`,
  );
}

async function planOfSelection(
  selection: NetworkSelection,
  asked: Asked,
  deps: ResolveDeps,
  signal: AbortSignal,
): Promise<AttachmentPlan> {
  const network = await networkOfNad(selection.namespace, selection.name, deps, signal);
  return planOf(
    network,
    {
      ...asked,
      asked: { ips: selection.ips ?? ipsOf(selection.cniArgs) },
      ...(selection.mac === undefined ? {} : { mac: selection.mac }),
      ...(selection.cniArgs === undefined ? {} : { cniArgs: selection.cniArgs }),
    },
    deps,
  );
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
