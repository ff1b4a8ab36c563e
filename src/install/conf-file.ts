import {
  type CniVersion,
  isJsonObject,
  type JsonObject,
  type NetworkConfig,
  parseShallowJson,
  SUPPORTED_VERSIONS,
} from '#cni';

/**
 * Runtimes take the first file by the bytes of its name. A minus comes before every digit, so this one comes before
 * whatever begins with "00", as the files of those who want to be first do.
 */
export const CONF_NAME = '0-underlane.conflist';

/** What our configuration says. */
export interface Conf {
  readonly cniVersion: CniVersion;
  readonly name: string;
  /** What the runtime has to send: all that the default network's plugins want. */
  readonly capabilities: readonly string[];
  /** Path or name of the default network. */
  readonly clusterNetwork: string;
}

export interface ConfOptions {
  /** The newest version that the node's runtime knows; undefined: the default network's own is one that it knows. */
  readonly runtimeVersion?: CniVersion;
  /** Go by the default network's name: for what looks for that name in the runtime. */
  readonly usesPrimaryName?: boolean;
}

const NAME = 'underlane';
/** The first with lists that results can be converted to without loss. */
const OLDEST_LIST_VERSION: CniVersion = '0.3.1';

/** The configuration that puts us in front of a network. */
export function confFor(primary: NetworkConfig, clusterNetwork: string, options: ConfOptions): Conf {
  return {
    cniVersion: versionFor(primary.cniVersion, options.runtimeVersion),
    name: options.usesPrimaryName === true ? primary.name : NAME,
    capabilities: capabilitiesOf(primary),
    clusterNetwork,
  };
}

/** The configuration for a default network that is no file, of which nothing is known beforehand. */
export function confForName(clusterNetwork: string, { runtimeVersion }: ConfOptions): Conf {
  return { cniVersion: versionFor('1.0.0', runtimeVersion), name: NAME, capabilities: [], clusterNetwork };
}

/** The configuration as it stands in its file. */
export function formatConf({ cniVersion, name, capabilities, clusterNetwork }: Conf): string {
  const wanted = Object.fromEntries(capabilities.map(capability => [capability, true]));
  const plugin = {
    type: 'underlane',
    ...(capabilities.length === 0 ? {} : { capabilities: wanted }),
    clusterNetwork,
  };
  return `${JSON.stringify({ cniVersion, name, plugins: [plugin] }, undefined, 2)}\n`;
}

/** Whether a text is a configuration that we wrote: nobody else has one with nothing but our pipeline in it. */
export function isOwnConf(text: string): boolean {
  let value: unknown;
  try {
    value = parseShallowJson(text);
  } catch {
    return false;
  }
  const plugins = isJsonObject(value) ? value['plugins'] : undefined;
  return (
    Array.isArray(plugins) && plugins.length === 1 && isJsonObject(plugins[0]) && plugins[0]['type'] === 'underlane'
  );
}

/** All that any plugin of a network declares, in alphabetical order. */
function capabilitiesOf({ plugins }: NetworkConfig): readonly string[] {
  const declared = plugins.flatMap(({ capabilities }) => (isJsonObject(capabilities) ? trueKeys(capabilities) : []));
  return [...new Set(declared)].sort();
}

function trueKeys(object: JsonObject): readonly string[] {
  return Object.keys(object).filter(key => object[key] === true);
}

/** The lower of the two, so that neither meets a version that it does not know. */
function versionFor(primary: CniVersion, runtime: CniVersion | undefined): CniVersion {
  const rank = (version: CniVersion): number => SUPPORTED_VERSIONS.indexOf(version);
  const lower = runtime !== undefined && rank(runtime) < rank(primary) ? runtime : primary;
  return rank(lower) < rank(OLDEST_LIST_VERSION) ? OLDEST_LIST_VERSION : lower;
}
