import { isJsonObject, type JsonObject } from '#cni';
import { readJsonFile, textOfBytes } from './json-file.ts';

/** One network of a pod as Multus remembers it. */
export interface CachedDelegate {
  /** `namespace/nad`, or the configuration's own name. */
  readonly name: string;
  /** The configuration exactly as it was sent on ADD. */
  readonly config: string;
  /** Requested interface name; without one it is `net<index>`. */
  readonly ifname?: string;
  /** What was asked of the interface, under the names that plugins know it by. */
  readonly capabilityArgs: JsonObject;
}

/**
 * Reads Multus' delegate cache of a container: its networks in the order of ADD, the default one first.
 * @throws SyntaxError, TypeError for what is no such file
 */
export async function readDelegateCache(path: string): Promise<readonly CachedDelegate[]> {
  const value = await readJsonFile(path);
  if (!Array.isArray(value) || value.length === 0) throw new TypeError('it holds no list of networks');
  return value.map(parseDelegate);
}

function parseDelegate(value: unknown, index: number): CachedDelegate {
  if (!isJsonObject(value)) throw new TypeError(`element ${index} is no network`);
  const config = textOfBytes(value['Bytes']) ?? configOf(value);
  if (config === undefined) throw new TypeError(`element ${index} holds no configuration, expected it in "Bytes"`);
  const text = (key: string): string | undefined => {
    const found = value[key];
    return typeof found === 'string' && found !== '' ? found : undefined;
  };
  const ips = value['ipRequest'];
  const ifname = text('ifnameRequest');
  const asked = { mac: text('macRequest'), infinibandGUID: text('infinibandGUIDRequest'), deviceID: text('deviceID') };
  return {
    name: text('Name') ?? '',
    config,
    ...(ifname === undefined ? {} : { ifname }),
    capabilityArgs: {
      ...Object.fromEntries(Object.entries(asked).filter(([, given]) => given !== undefined)),
      ...(Array.isArray(ips) && ips.length > 0 ? { ips } : {}),
    },
  };
}

/** Old releases wrote no bytes: their own reading of the configuration must do. */
function configOf(delegate: JsonObject): string | undefined {
  for (const key of ['ConfList', 'Conf']) {
    const conf = delegate[key];
    if (!isJsonObject(conf)) continue;
    if (Array.isArray(conf['plugins']) || (typeof conf['type'] === 'string' && conf['type'] !== '')) {
      return JSON.stringify(conf);
    }
  }
  return undefined;
}
