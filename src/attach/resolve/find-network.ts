import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type AttachmentPolicy, NETWORK_ATTACHMENT_DEFINITIONS, type NetworkAttachmentDefinition } from '#api';
import { codeOf, messageOf } from '#base';
import { type NetworkConfig, parseNetworkConfig } from '#cni';
import { type Detection, detectionOf } from '#ipam';
import type { KubeClient, WatchCache } from '#kube';
import {
  callsPipeline,
  hostPath,
  listConfFiles,
  NetworksError,
  nadSource,
  RESOURCE_ANNOTATION,
  readNetworkFile,
  resolveNad,
} from '#networks';
import { AttachError } from '../errors.ts';
import type { PipelineConfig } from './pipeline-config.ts';
import { requireAllowed } from './policy.ts';

/** Where networks are looked up. */
export interface NetworkSources {
  /** Where the default network's configuration file is looked up by name. */
  readonly confDir: string;
  readonly nads: NadSource | undefined;
  /** What namespaces may ask for; undefined without API server. */
  readonly policies?: WatchCache<AttachmentPolicy>;
}

export interface NadSource {
  readonly cache: WatchCache<NetworkAttachmentDefinition>;
  readonly client: KubeClient;
}

/** A network as found, with what errors call it. */
export interface NamedNetwork {
  readonly config: NetworkConfig;
  /** For errors. */
  readonly source: string;
  readonly nad?: string;
  readonly scope?: string;
  /** What is asked of the network before one of its addresses is used. */
  readonly detect?: Detection;
  /** The resource of which each attachment needs a device: `intel.com/sriov`. */
  readonly resource?: string;
}

export const SCOPE_ANNOTATION = 'underlane.io/scope';

/**
 * The network of a NetworkAttachmentDefinition. One with an empty `spec.config` stands for the file of that name.
 * @param netConfDir where that file is looked for
 * @throws NetworksError NETWORK_NOT_FOUND, AttachError NO_API; the parsers' errors; ApiError
 */
export async function networkOfNad(
  { namespace, name, deviceId }: { readonly namespace: string; readonly name: string; readonly deviceId?: string },
  netConfDir: string,
  deps: NetworkSources,
  signal: AbortSignal,
): Promise<NamedNetwork> {
  const nad = await findNad(namespace, name, deps, signal);
  if (nad === undefined) {
    throw new NetworksError(
      'NETWORK_NOT_FOUND',
      `Cannot find NetworkAttachmentDefinition "${namespace}/${name}": there is none of that name in namespace "${namespace}"`,
    );
  }
  const scope = nad.metadata.annotations?.[SCOPE_ANNOTATION];
  const resource = nad.metadata.annotations?.[RESOURCE_ANNOTATION]?.trim();
  const source = nadSource(nad);
  const config = isInFile(nad) ? configInFile(name, source, netConfDir) : resolveNad(nad);
  // Not before they are known: a policy that is not seen yet must not be passed by.
  await deps.policies?.ready(signal);
  // Of a resource the pod can only have a device that kubelet has given it.
  const asked = resource || deviceId === undefined ? {} : { deviceId };
  requireAllowed({ namespace, source, config, ...asked }, deps.policies?.list() ?? []);
  return {
    config,
    source,
    nad: `${namespace}/${name}`,
    ...(scope === undefined ? {} : { scope }),
    ...detectionOf(nad.metadata, source),
    ...(resource ? { resource } : {}),
  };
}

/** Whether a definition only stands for a file of its name on the nodes (NPWG standard). */
export function isInFile({ spec }: NetworkAttachmentDefinition): boolean {
  return (spec?.config ?? '').trim() === '';
}

function configInFile(name: string, source: string, netConfDir: string): NetworkConfig {
  const network = networkNamed(name, netConfDir);
  if (network !== undefined) return network.config;
  throw new NetworksError(
    'NETWORK_NOT_FOUND',
    `Cannot use ${source}: spec.config is missing, expected a CNI configuration, or one named "${name}" in directory "${netConfDir}"`,
  );
}

/** From the watch cache; on a miss, or when the watch is not to be believed, from the API server. */
async function findNad(
  namespace: string,
  name: string,
  deps: NetworkSources,
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

/** The default network: named or written out in the configuration, else the first foreign file of the runtime's directory. */
export async function clusterNetwork(
  pipeline: PipelineConfig,
  deps: NetworkSources,
  signal: AbortSignal,
): Promise<NamedNetwork> {
  if (pipeline.delegates.length > 0) return networkOfDelegate(pipeline, 0);
  if (pipeline.clusterNetwork !== undefined) {
    return networkOfValue('clusterNetwork', pipeline.clusterNetwork, pipeline, deps, signal);
  }
  for (const network of foreignNetworks(deps.confDir)) return network;
  throw new NetworksError(
    'NETWORK_NOT_FOUND',
    `Cannot find a default network: directory "${deps.confDir}" holds no CNI configuration but our own, expected a .conf or .conflist file`,
  );
}

/** What comes right after the default network: the other `delegates`, or the `defaultNetworks` of a pod in this namespace. */
export async function furtherNetworks(
  pipeline: PipelineConfig,
  namespace: string | undefined,
  deps: NetworkSources,
  signal: AbortSignal,
): Promise<readonly NamedNetwork[]> {
  const inline = pipeline.delegates.slice(1).map((_, index) => networkOfDelegate(pipeline, index + 1));
  const isUser = namespace !== undefined && !pipeline.systemNamespaces.includes(namespace);
  const named = isUser ? pipeline.defaultNetworks : [];
  const found = named.map(value => networkOfValue('defaultNetworks', value, pipeline, deps, signal));
  return [...inline, ...(await Promise.all(found))];
}

function networkOfDelegate({ delegates, source }: PipelineConfig, index: number): NamedNetwork {
  const object = `delegates[${index}] of ${source}`;
  return { config: parseNetworkConfig(delegates[index], { source: object, defaultVersion: '0.1.0' }), source: object };
}

/**
 * A network by what names it: with a slash a file, or a directory whose first file it is; else a NetworkAttachmentDefinition
 * in the cluster's own namespace, else a file by its network's name. A definition that the API server alone knows of is
 * asked for only where no file has the name: an API server that is away must not stop a node whose networks are files.
 */
async function networkOfValue(
  key: string,
  value: string,
  pipeline: PipelineConfig,
  deps: NetworkSources,
  signal: AbortSignal,
): Promise<NamedNetwork> {
  if (value.includes('/')) return networkOfPath(value, pipeline.source);
  const nad = { namespace: pipeline.multusNamespace, name: value };
  const isKnown = deps.nads?.cache.find(nad) !== undefined;
  const dirs = [...new Set([pipeline.netConfDir, deps.confDir])];
  for (const dir of isKnown ? [] : dirs) {
    const network = networkNamed(value, dir);
    if (network !== undefined) return network;
  }
  try {
    return await networkOfNad(nad, pipeline.netConfDir, deps, signal);
  } catch (error) {
    const code = NOWHERE.find(one => one === codeOf(error));
    if (isKnown || code === undefined) throw error;
    const names = dirs.map(dir => `"${dir}"`).join(' or ');
    const message = `Cannot use ${pipeline.source}: ${key}: no configuration in ${names} has the name "${value}", and: ${messageOf(error)}`;
    const options = { cause: error };
    throw code === 'NO_API' ? new AttachError(code, message, options) : new NetworksError(code, message, options);
  }
}

/** Nobody knows a network of that name. */
const NOWHERE = ['NETWORK_NOT_FOUND', 'NO_API'] as const;

function networkOfPath(value: string, source: string): NamedNetwork {
  if (!value.startsWith('/')) {
    throw new AttachError(
      'NETWORK_CONFIG',
      `Cannot use ${source}: network is "${value}", expected a name without slash or an absolute path`,
    );
  }
  const path = hostPath(value);
  if (!isDirectory(path)) return networkOfFile(path);
  for (const network of foreignNetworks(path)) return network;
  throw new NetworksError(
    'NETWORK_NOT_FOUND',
    `Cannot find a network: directory "${path}" holds no CNI configuration but our own, expected a .conf or .conflist file`,
  );
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function networkOfFile(path: string): NamedNetwork {
  return { config: readNetworkFile(path), source: `file "${path}"` };
}

/** The first network of that name in a directory; none without the directory. */
function networkNamed(name: string, dir: string): NamedNetwork | undefined {
  if (!isDirectory(dir)) return undefined;
  for (const network of foreignNetworks(dir)) if (network.config.name === name) return network;
  return undefined;
}

/** Configurations of a directory in the runtime's order, without those that call us. Reads no further than it is asked. */
function* foreignNetworks(dir: string): Generator<NamedNetwork, void> {
  for (const name of namesIn(dir)) {
    const network = networkOfFile(join(dir, name));
    if (!callsPipeline(network.config.raw)) yield network;
  }
}

function namesIn(dir: string): readonly string[] {
  try {
    return listConfFiles(dir);
  } catch (error) {
    throw new NetworksError(
      'NETWORK_NOT_FOUND',
      `Cannot find a network: CNI configuration directory "${dir}" cannot be read: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
