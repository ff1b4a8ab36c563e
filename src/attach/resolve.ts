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
import { auxiliaryChain } from './auxiliary-chain.ts';
import { capabilityArgsOf, uselessCapabilities } from './capability-args.ts';
import { type ChainStep, parseChain } from './chain.ts';
import type { NodeDevices } from './deps.ts';
import { AttachError } from './errors.ts';
import {
  clusterNetwork,
  furtherNetworks,
  type NamedNetwork,
  type NetworkSources,
  networkOfNad,
} from './find-network.ts';
import { flatFileSource } from './flat-file-source.ts';
import { type DeviceInfoFile, deviceArgs, deviceInfoFile, giveDevices, withDevice } from './give-devices.ts';
import { IPAM_CLAIM_ARG, refuseUselessClaim } from './kept-addresses.ts';
import { requireVisible } from './namespace-isolation.ts';
import { type PipelineConfig, parsePipelineConfig } from './pipeline-config.ts';
import { awaitReadiness } from './readiness.ts';

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
  /** The IPAMClaim (pod's namespace) that keeps its addresses from pod to pod. */
  readonly ipamClaim?: string;
  /** All that was asked for; a plugin gets what its `capabilities` declare. */
  readonly capabilityArgs: JsonObject;
  /** Next hops of the pod's default routes, which this attachment is to have; empty: those that its plugins make. */
  readonly defaultRoute?: readonly string[];
  /** The element of the pod's networks annotation that asks for it. */
  readonly selection?: NetworkSelection;
  /** It makes no interface of its own: neither the pod's status nor an Event tells of it. */
  readonly isAuxiliary?: boolean;
  /** Devices of the node that it needs to itself, by their IDs. */
  readonly devices: readonly string[];
  readonly deviceInfo?: DeviceInfoFile;
}

/** A pod's attachments, and what of its annotations means nothing. */
export interface ResolvedNetworks {
  readonly plans: readonly AttachmentPlan[];
  /** Sentences for the pod's Events. */
  readonly warnings: readonly string[];
  /** Where third-party plugins are looked for after the agent's own directories. */
  readonly binDir?: string;
}

export interface ResolveDeps extends NetworkSources {
  readonly lacksKind: (kind: string) => boolean;
  readonly devices: NodeDevices;
  /** Keys of the agent's own file that win over those of the runtime's configuration. */
  readonly overlay?: JsonObject;
  /** Hears what of the configuration means nothing, in sentences, each time that it is read. */
  readonly onConfigWarning?: (warning: string) => void;
}

/** What the configuration of a request to the pipeline says. @throws AttachError NETWORK_CONFIG */
export function pipelineOf({ config }: CniRequest, { overlay, onConfigWarning }: ResolveDeps): PipelineConfig {
  const pipeline = parsePipelineConfig(config.plugin, overlay);
  for (const { key, message } of pipeline.warnings) onConfigWarning?.(`${pipeline.source}: ${key}: ${message}`);
  return pipeline;
}

/**
 * A pod's attachments in order: the default network under CNI_IFNAME, then those that every pod gets and those of the networks
 * annotation as net1, net2, ..., then the plugins that run behind all networks.
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
  const pipeline = pipelineOf(request, deps);
  const replaced = parseDefaultNetworkAnnotation(
    annotations[DEFAULT_NETWORK_ANNOTATION] ?? '',
    pipeline.multusNamespace,
  );
  const asked = parseNetworksAnnotation(annotations[NETWORKS_ANNOTATION] ?? '', namespace);
  requireVisible(DEFAULT_NETWORK_ANNOTATION, replaced.networks, namespace, pipeline);
  requireVisible(NETWORKS_ANNOTATION, asked.networks, namespace, pipeline);
  await awaitReadiness(pipeline, signal);
  const further = await furtherNetworks(pipeline, pod === undefined ? undefined : namespace, deps, signal);
  const furtherNames = further.map((_, index) => `net${index + 1}`);
  const names = assignInterfaceNames(asked.networks, [request.ifname, ...furtherNames], further.length + 1);
  const warnings = [...replaced.warnings, ...asked.warnings];
  const ofSelection = selector(request, pipeline, deps, warnings, signal);
  const place: Place = { ifname: request.ifname, isDefault: true };
  const [selected] = replaced.networks;
  const [first, annotated] = await Promise.all([
    selected === undefined
      ? clusterNetwork(pipeline, deps, signal).then(network => ({
          network,
          ...place,
          capabilityArgs: request.config.runtimeConfig,
        }))
      : ofSelection(selected, place),
    Promise.all(
      asked.networks.map((selection, index) =>
        ofSelection(selection, { ifname: names[index] ?? '', isDefault: false }),
      ),
    ),
  ]);
  const added = further.map((network, index) => ({
    network,
    ifname: furtherNames[index] ?? '',
    isDefault: false,
    capabilityArgs: {},
  }));
  const wanted: readonly Wanted[] = [first, ...added, ...annotated];
  const plans = await plansOf(wanted, request, pod, deps, signal);
  const auxiliary = auxiliaryChain(pipeline, request.config.cniVersion);
  if (auxiliary !== undefined) {
    const last = { ifname: `net${plans.length}`, isDefault: false, isAuxiliary: true };
    plans.push(planOf(auxiliary, { ...last, capabilityArgs: {} }, deps));
  }
  return { plans, warnings, ...(pipeline.binDir === undefined ? {} : { binDir: pipeline.binDir }) };
}

/**
 * Networks that a running pod asks for beside those that it has, each with the interface's name.
 * @param request as the pod's own ADD was
 * @throws as {@link resolvePodNetworks}
 */
export async function resolveSelections(
  request: CniRequest,
  pod: Pod,
  chosen: readonly { readonly selection: NetworkSelection; readonly ifname: string }[],
  deps: ResolveDeps,
  signal: AbortSignal,
): Promise<ResolvedNetworks> {
  const pipeline = pipelineOf(request, deps);
  const selections = chosen.map(({ selection }) => selection);
  requireVisible(NETWORKS_ANNOTATION, selections, pod.metadata.namespace ?? 'default', pipeline);
  const warnings: string[] = [];
  const ofSelection = selector(request, pipeline, deps, warnings, signal);
  const wanted = await Promise.all(
    chosen.map(({ selection, ifname }) => ofSelection(selection, { ifname, isDefault: false })),
  );
  const plans = await plansOf(wanted, request, pod, deps, signal);
  return { plans, warnings, ...(pipeline.binDir === undefined ? {} : { binDir: pipeline.binDir }) };
}

/** Finds the network of a selection, with what is asked of it. */
function selector(
  request: CniRequest,
  pipeline: PipelineConfig,
  deps: ResolveDeps,
  warnings: string[],
  signal: AbortSignal,
): (selection: NetworkSelection, place: Place) => Promise<Wanted> {
  return async (selection, place) => {
    const network = await networkOfNad(selection, pipeline.netConfDir, deps, signal);
    for (const name of uselessCapabilities(selection, network.config)) {
      warnings.push(`${network.source}: the pod asks for ${name}, but none of its plugins declares that capability`);
    }
    return {
      network,
      ...place,
      ...askedBy(selection, place.isDefault ? request : undefined),
      ...(place.isDefault ? {} : { selection }),
    };
  };
}

/** Gives each network its device and parses its chain. */
async function plansOf(
  wanted: readonly Wanted[],
  request: CniRequest,
  pod: Pod | undefined,
  deps: ResolveDeps,
  signal: AbortSignal,
): Promise<AttachmentPlan[]> {
  const devices = await giveDevices(wanted, request, pod, deps.devices, signal);
  return wanted.map(({ network, deviceId: _deviceId, ...asked }, index) => {
    const device = devices[index];
    const info = deviceInfoFile(network, device, { ...asked, containerId: request.containerId }, deps.devices);
    const plan = planOf(
      { ...network, config: withDevice(network.config, device) },
      {
        ...asked,
        capabilityArgs: { ...asked.capabilityArgs, ...deviceArgs(device, info) },
        ...(info === undefined ? {} : { deviceInfo: info }),
      },
      deps,
    );
    return device === undefined ? plan : { ...plan, devices: [...new Set([device.id, ...plan.devices])] };
  });
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

/** A network written out by somebody who attaches it to a pod's interface besides what its annotations ask for. */
export interface WrittenNetwork {
  readonly config: NetworkConfig;
  readonly source: string;
  readonly ifname: string;
  readonly ips: readonly string[];
  readonly mac?: string;
  readonly cniArgs?: JsonObject;
}

/** @throws AttachError and the parsers' errors */
export function resolveWritten(
  { config, source, ifname, ips, mac, cniArgs }: WrittenNetwork,
  deps: ResolveDeps,
): AttachmentPlan {
  const asked = { asked: { ips }, capabilityArgs: {} };
  const optional = { ...(mac === undefined ? {} : { mac }), ...(cniArgs === undefined ? {} : { cniArgs }) };
  return planOf({ config, source }, { ifname, isDefault: false, ...asked, ...optional }, deps);
}

type Place = Pick<AttachmentPlan, 'ifname' | 'isDefault'>;
type Asked = Place &
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

type Wanted = Asked & { readonly network: NamedNetwork };

function planOf(network: NamedNetwork, asked: Asked, deps: ResolveDeps): AttachmentPlan {
  const chain = parseChain(network.config, {
    source: network.source,
    lacksKind: deps.lacksKind,
    flatFile: flatFileSource(deps.confDir),
    capabilityArgs: asked.capabilityArgs,
    ...(network.scope === undefined ? {} : { scope: network.scope }),
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
  };
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

/**
 * What a selection asks of its network. The runtime's capability arguments are for the network that it asked for: a host
 * port must not be opened once for each network of a pod.
 */
function askedBy(selection: NetworkSelection, runtime: CniRequest | undefined): Omit<Asked, keyof Place> {
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
function requestedOf({ config, args }: CniRequest): Pick<AttachmentPlan, 'asked' | 'mac' | 'ipamClaim'> {
  const { ips, mac } = config.runtimeConfig;
  const wantedMac = typeof mac === 'string' ? mac : args.mac;
  const ownArgs = config.plugin['args'];
  const cniArgs = isJsonObject(ownArgs) ? ownArgs['cni'] : undefined;
  const ipamClaim = isJsonObject(cniArgs) ? cniArgs[IPAM_CLAIM_ARG] : undefined;
  const gateways = args.pairs['GATEWAY'];
  return {
    asked: {
      ips: Array.isArray(ips) ? ips.map(String) : ipsOf(cniArgs),
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
  if (Array.isArray(ips)) return ips.map(String);
  throw new AttachError(
    'NETWORK_CONFIG',
    `Cannot use args.cni: ips is ${JSON.stringify(ips)}, expected a list of addresses`,
  );
}
