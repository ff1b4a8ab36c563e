import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type AttachmentPolicy, NETWORK_ATTACHMENT_DEFINITIONS, type NetworkAttachmentDefinition } from '#api';
import { codeOf, messageOf } from '#base';
import { type CniRequest, type NetworkConfig, parseNetworkConfig } from '#cni';
import type { KubeClient, WatchCache } from '#kube';
import { nadSource, resolveNad } from '#networks';
import { PIPELINE_NAMES } from './entry.ts';
import { AttachError } from './errors.ts';
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
}

/** Where users put networks for the whole cluster. */
export const SYSTEM_NAMESPACE = 'kube-system';
export const SCOPE_ANNOTATION = 'underlane.io/scope';

/** @throws AttachError NETWORK_NOT_FOUND, NO_API; the parsers' errors; ApiError */
export async function networkOfNad(
  namespace: string,
  name: string,
  deps: NetworkSources,
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
  const config = resolveNad(nad);
  const source = nadSource(nad);
  // Not before they are known: a policy that is not seen yet must not be passed by.
  await deps.policies?.ready(signal);
  requireAllowed({ namespace, source, config }, deps.policies?.list() ?? []);
  return {
    config,
    source,
    nad: `${namespace}/${name}`,
    ...(scope === undefined ? {} : { scope }),
  };
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

/** The default network: inline `delegates`, a file, a name in the conf dir or of a NAD, else the first foreign file of the conf dir. */
export async function clusterNetwork(
  request: CniRequest,
  deps: NetworkSources,
  signal: AbortSignal,
): Promise<NamedNetwork> {
  const own = request.config.plugin;
  const delegates = own['delegates'];
  if (Array.isArray(delegates) && delegates.length > 0) {
    if (delegates.length > 1) {
      throw new AttachError(
        'NETWORK_CONFIG',
        `Cannot use the CNI configuration "${request.config.name}": delegates holds ${delegates.length} networks, expected one, the default network`,
      );
    }
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
  if (wanted === undefined || wanted === '') {
    for (const network of foreignNetworks(deps.confDir)) return network;
    throw new AttachError(
      'NETWORK_NOT_FOUND',
      `Cannot find a default network: directory "${deps.confDir}" holds no CNI configuration but our own, expected a .conf or .conflist file`,
    );
  }
  for (const network of foreignNetworks(deps.confDir)) if (network.config.name === wanted) return network;
  return networkOfNad(SYSTEM_NAMESPACE, wanted, deps, signal);
}

/** No configuration comes near it; a device or a log that bears a configuration's name must not fill the memory. */
const FILE_LIMIT = 1024 * 1024;

function networkOfFile(path: string): NamedNetwork {
  const source = `file "${path}"`;
  return { config: parseNetworkConfig(readConfig(path, source), { source }), source };
}

function readConfig(path: string, source: string): string {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) throw new TypeError('it is no plain file');
    if (stat.size > FILE_LIMIT) throw new RangeError(`it has ${stat.size} bytes, expected at most ${FILE_LIMIT}`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AttachError('NETWORK_NOT_FOUND', `Cannot read the default network's ${source}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Configurations of a directory in the runtime's order, without those that call us. Reads no further than it is asked. */
function* foreignNetworks(dir: string): Generator<NamedNetwork, void> {
  for (const name of namesIn(dir)) {
    const network = networkOfFile(join(dir, name));
    if (!network.config.plugins.some(({ type }) => PIPELINE_NAMES.has(type))) yield network;
  }
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir)
      .filter(name => /\.(conf|conflist|json)$/.test(name))
      .sort();
  } catch (error) {
    throw new AttachError(
      'NETWORK_NOT_FOUND',
      `Cannot find a default network: CNI configuration directory "${dir}" cannot be read: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
