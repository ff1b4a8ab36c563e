import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NETWORK_ATTACHMENT_DEFINITIONS, type NetworkAttachmentDefinition, type Pod } from '#api';
import { codeOf, messageOf } from '#base';
import { type CniRequest, isSupportedVersion, NEWEST_VERSION, type NetworkConfig, parseNetworkConfig } from '#cni';
import type { KubeClient, WatchCache } from '#kube';
import {
  assignInterfaceNames,
  checkAnnotationNames,
  DEFAULT_NETWORK_ANNOTATION,
  NETWORKS_ANNOTATION,
  type NetworkSelection,
  parseDefaultNetworkAnnotation,
  parseNetworksAnnotation,
  resolveNad,
} from '#networks';
import { type ChainStep, parseChain } from './chain.ts';
import { AttachError } from './errors.ts';

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
  readonly ips: readonly string[];
  readonly cniArgs?: Readonly<Record<string, unknown>>;
}

export interface ResolveDeps {
  /** Where the default network's configuration file is looked up by name. */
  readonly confDir: string;
  readonly nads: NadSource | undefined;
  readonly lacksKind: (kind: string) => boolean;
}

export interface NadSource {
  readonly cache: WatchCache<NetworkAttachmentDefinition>;
  readonly client: KubeClient;
}

/** Where users put networks for the whole cluster. */
const SYSTEM_NAMESPACE = 'kube-system';
const SCOPE_ANNOTATION = 'underlane.io/scope';

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

interface NamedNetwork {
  readonly config: NetworkConfig;
  /** For errors. */
  readonly source: string;
  readonly nad?: string;
  readonly scope?: string;
}

type Asked = Pick<AttachmentPlan, 'ifname' | 'isDefault'> & Partial<Pick<AttachmentPlan, 'mac' | 'ips' | 'cniArgs'>>;

function planOf(network: NamedNetwork, asked: Asked, deps: ResolveDeps): AttachmentPlan {
  const chain = parseChain(network.config, {
    source: network.source,
    lacksKind: deps.lacksKind,
    ...(network.scope === undefined ? {} : { scope: network.scope }),
  });
  return {
    network: network.config,
    chain,
    ips: [],
    ...asked,
    ...(network.nad === undefined ? {} : { nad: network.nad }),
  };
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
      ips: selection.ips ?? [],
      ...(selection.mac === undefined ? {} : { mac: selection.mac }),
      ...(selection.cniArgs === undefined ? {} : { cniArgs: selection.cniArgs }),
    },
    deps,
  );
}

async function networkOfNad(
  namespace: string,
  name: string,
  deps: ResolveDeps,
  signal: AbortSignal,
): Promise<NamedNetwork> {
  const nad = await findNad(namespace, name, deps, signal);
  if (nad === undefined) {
    throw new AttachError(
      'NETWORK_NOT_FOUND',
      `Cannot find NetworkAttachmentDefinition "${namespace}/${name}": there is none of that name in namespace "${namespace}"`,
    );
  }
  const scope = nad.metadata.annotations?.[SCOPE_ANNOTATION];
  return {
    config: resolveNad(nad),
    source: `NetworkAttachmentDefinition "${namespace}/${name}"`,
    nad: `${namespace}/${name}`,
    ...(scope === undefined ? {} : { scope }),
  };
}

/** From the watch cache; on a miss, or when the watch is not to be believed, from the API server. */
async function findNad(
  namespace: string,
  name: string,
  deps: ResolveDeps,
  signal: AbortSignal,
): Promise<NetworkAttachmentDefinition | undefined> {
  if (deps.nads === undefined) {
    throw new AttachError(
      'NO_API',
      `Cannot look up NetworkAttachmentDefinition "${namespace}/${name}": the agent has no API server (start it with --kubeconfig)`,
    );
  }
  const { cache, client } = deps.nads;
  const cached = cache.isFresh ? cache.find({ namespace, name }) : undefined;
  if (cached !== undefined) return cached;
  try {
    return await client.get(NETWORK_ATTACHMENT_DEFINITIONS, { namespace, name }, { signal });
  } catch (error) {
    if (codeOf(error) === 'NotFound') return undefined;
    throw error;
  }
}

/** The default network: inline `delegates`, a file, a name in the conf dir or of a NAD, else the first foreign file of the conf dir. */
async function clusterNetwork(request: CniRequest, deps: ResolveDeps, signal: AbortSignal): Promise<NamedNetwork> {
  const own = request.config.plugin;
  const delegates = own['delegates'];
  if (Array.isArray(delegates) && delegates.length > 0) {
    const source = 'delegates[0] of the CNI configuration';
    return { config: parseNetworkConfig(delegates[0], { source }), source };
  }
  const wanted = own['clusterNetwork'];
  if (wanted !== undefined && typeof wanted !== 'string') {
    throw new AttachError(
      'NETWORK_CONFIG',
      `Cannot use the CNI configuration "${request.config.name}": clusterNetwork is ${JSON.stringify(wanted)}, expected a string`,
    );
  }
  if (wanted?.includes('/')) return networkOfFile(wanted);
  const files = foreignNetworks(deps.confDir);
  if (wanted === undefined || wanted === '') {
    const [found] = files;
    if (found !== undefined) return found;
    throw new AttachError(
      'NETWORK_NOT_FOUND',
      `Cannot find a default network: directory "${deps.confDir}" holds no CNI configuration but our own; expected a .conf or .conflist file`,
    );
  }
  const named = files.find(file => file.config.name === wanted);
  return named ?? (await networkOfNad(SYSTEM_NAMESPACE, wanted, deps, signal));
}

function networkOfFile(path: string): NamedNetwork {
  const source = `file "${path}"`;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new AttachError('NETWORK_NOT_FOUND', `Cannot read the default network's ${source}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return { config: parseNetworkConfig(text, { source }), source };
}

/** Configurations of a directory in the runtime's order, without those that call us. */
function foreignNetworks(dir: string): readonly NamedNetwork[] {
  return readdirSync(dir)
    .filter(name => /\.(conf|conflist|json)$/.test(name))
    .sort()
    .map(name => networkOfFile(join(dir, name)))
    .filter(({ config }) => !config.plugins.some(({ type }) => ['underlane', 'multus', 'multus-shim'].includes(type)));
}

/** Addresses and MAC of a request, runtimeConfig before CNI_ARGS as the reference plugins have it. */
function requestedOf({ config, args }: CniRequest): Pick<AttachmentPlan, 'ips'> & { readonly mac?: string } {
  const { ips, mac } = config.runtimeConfig;
  const wantedMac = typeof mac === 'string' ? mac : args.mac;
  return {
    ips: Array.isArray(ips) ? ips.map(String) : args.ips,
    ...(wantedMac === undefined ? {} : { mac: wantedMac }),
  };
}
