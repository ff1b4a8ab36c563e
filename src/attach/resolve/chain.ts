import { messageOf, UnderlaneError } from '#base';
import { isJsonObject, type JsonObject, type NetworkConfig, type PluginConfig, preparePluginConfig } from '#cni';
import { type FlatFileSource, type IpamConfig, isKnownIpam, parseIpam } from '#ipam';
import { PIPELINE_NAMES } from '#networks';
import { findPlugin, type Plugin } from '#plugins';
import { AttachError } from '../errors.ts';

/** One plugin of a network's chain, parsed: planned in process, or exec'd because we do not implement its type. */
export type ChainStep =
  | { readonly kind: 'planned'; readonly plugin: Plugin; readonly config: unknown; readonly ipam: IpamStep | undefined }
  | { readonly kind: 'exec'; readonly config: PluginConfig }
  /** An IPAM plugin called by its own name: only addresses. */
  | { readonly kind: 'addresses'; readonly ipam: IpamConfig };

/** Where a planned plugin's addresses come from. */
export type IpamStep =
  | { readonly kind: 'ours'; readonly config: IpamConfig }
  | { readonly kind: 'exec'; readonly type: string; readonly config: PluginConfig };

/** The addresses that a step takes from us, if any. */
export function ipamOf(step: ChainStep): IpamConfig | undefined {
  if (step.kind === 'addresses') return step.ipam;
  return step.kind === 'planned' && step.ipam?.kind === 'ours' ? step.ipam.config : undefined;
}

export interface ChainContext {
  /** Names the config in errors: `NetworkAttachmentDefinition "ns/x"`. */
  readonly source: string;
  /** `namespace/name`, where the network is a NAD. */
  readonly nad?: string;
  /** The NAD's `underlane.io/scope` annotation. */
  readonly scope?: string;
  /** Types whose kernel link kind was probed and is missing. */
  readonly lacksKind: (kind: string) => boolean;
  /** Types of ipam that are left to their own plugins, though we could read them. */
  readonly leftIpams?: ReadonlySet<string>;
  readonly flatFile?: FlatFileSource;
  /** What the pod or the runtime asks for; a plugin gets what its `capabilities` declare. */
  readonly capabilityArgs?: JsonObject;
}

/** Link kinds that a kernel may lack; asked before anything is made, since a third-party plugin's own error names no cause. */
const KIND_OF_TYPE: ReadonlyMap<string, string> = new Map([
  ['macvlan', 'macvlan'],
  ['ipvlan', 'ipvlan'],
  ['vlan', 'vlan'],
  ['dummy', 'dummy'],
]);

/**
 * Parses every plugin of a network before anything is done.
 * @throws AttachError, and the parsers' own errors; each names the source, the field and what was expected
 */
export function parseChain(network: NetworkConfig, context: ChainContext): readonly ChainStep[] {
  return network.plugins.map((config, index) => parseStep(network, config, index, context));
}

/** One plugin of {@link parseChain}. @throws as it does */
export function parseStep(
  network: NetworkConfig,
  config: PluginConfig,
  index: number,
  context: ChainContext,
): ChainStep {
  const { type } = config;
  const at = network.plugins.length === 1 ? 'type' : `plugins[${index}].type`;
  if (PIPELINE_NAMES.has(type)) {
    throw new AttachError(
      'NETWORK_CONFIG',
      `Cannot use ${context.source}: ${at} is "${type}", which would call itself, expected a plugin that makes or changes an interface`,
    );
  }
  const linkKind = KIND_OF_TYPE.get(type);
  if (linkKind !== undefined && context.lacksKind(linkKind)) {
    throw new AttachError(
      'KERNEL_LACKS',
      `Cannot use ${context.source}: ${at} is "${type}", but the kernel lacks ${linkKind}, expected one that \`underlane capabilities\` finds`,
    );
  }
  if (isKnownIpam(type) && !isMainPlugin(config))
    return { kind: 'addresses', ipam: parseIpam(config['ipam'], ipamContext(network, context)) };
  const plugin = findPlugin(type);
  if (plugin === undefined) return { kind: 'exec', config };
  return {
    kind: 'planned',
    plugin,
    config: parseConfig(plugin, withRuntimeConfig(network, config, context), context),
    ipam: ipamStep(network, config, context),
  };
}

/** Kube-OVN's plugin makes interfaces too, by the same name: those have no ipam. */
function isMainPlugin(config: PluginConfig): boolean {
  return config.type === 'kube-ovn' && config['ipam'] === undefined;
}

/** The type of an `ipam` object; undefined for none, and for what is no such object. */
export function ipamTypeOf(ipam: unknown): string | undefined {
  const type = isJsonObject(ipam) ? ipam['type'] : undefined;
  return typeof type === 'string' && type !== '' ? type : undefined;
}

/** As an exec'd plugin gets it. */
function withRuntimeConfig(
  network: NetworkConfig,
  plugin: PluginConfig,
  { capabilityArgs = {} }: ChainContext,
): PluginConfig {
  const { runtimeConfig } = preparePluginConfig({ network, plugin, runtimeConfig: capabilityArgs });
  return runtimeConfig === undefined ? plugin : { ...plugin, runtimeConfig };
}

/** A plugin knows its own object and not where it stands; an operator needs both. */
function parseConfig(plugin: Plugin, config: PluginConfig, context: ChainContext): unknown {
  try {
    return plugin.parse(config);
  } catch (error) {
    throw new AttachError(
      'NETWORK_CONFIG',
      `Cannot use ${context.source}: ${messageOf(error).replace(/^Cannot use /, '')}`,
      {
        cause: error,
        details: error instanceof UnderlaneError ? error.details : {},
      },
    );
  }
}

function ipamStep(network: NetworkConfig, config: PluginConfig, context: ChainContext): IpamStep | undefined {
  const ipam = config['ipam'];
  if (ipam === undefined || ipam === null) return undefined;
  // A plain object without type is what some generators write for "no IPAM".
  if (typeof ipam === 'object' && Object.keys(ipam).length === 0) return undefined;
  const type = ipamTypeOf(ipam);
  const isLeft = type !== undefined && (!isKnownIpam(type) || context.leftIpams?.has(type) === true);
  if (isLeft) return { kind: 'exec', type, config };
  return { kind: 'ours', config: parseIpam(ipam, ipamContext(network, context)) };
}

function ipamContext(network: NetworkConfig, context: ChainContext) {
  return {
    networkName: network.name,
    source: context.source,
    ...(context.nad === undefined ? {} : { nad: context.nad }),
    ...(context.scope === undefined ? {} : { scope: context.scope }),
    ...(context.flatFile === undefined ? {} : { flatFile: context.flatFile }),
  };
}
