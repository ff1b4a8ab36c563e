import { existsSync, readdirSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { codeOf, messageOf, readPlainFileSync } from '#base';
import {
  isJsonObject,
  isNetworkName,
  type JsonObject,
  type NetworkConfig,
  parseNetworkConfig,
  parseShallowJson,
} from '#cni';
import { NetworksError } from './errors.ts';

/** No configuration comes near it; a device or a log that bears a configuration's name must not fill the memory. */
const FILE_LIMIT = 1024 * 1024;

/**
 * Names of a directory's CNI configurations in the order in which container runtimes take the first.
 * @throws what reading the directory throws
 */
export function listConfFiles(dir: string): readonly string[] {
  return readdirSync(dir)
    .filter(name => /\.(conf|conflist|json)$/.test(name))
    .sort();
}

/**
 * The network of a file. A list also has the plugins of the `*.conf` files in the folder of the network's name beside it, as
 * for the runtimes (libcni's sub-directory chaining).
 * @throws NetworksError NETWORK_NOT_FOUND, the parsers' errors
 */
export function readNetworkFile(path: string): NetworkConfig {
  const source = `file "${path}"`;
  const text = readConfText(path);
  const network = (value: unknown): NetworkConfig => parseNetworkConfig(value, { source, defaultVersion: '0.1.0' });
  if (extname(path) !== '.conflist') return network(text);
  const raw = parseLoosely(text);
  if (!isJsonObject(raw)) return network(text);
  const more = pluginsBeside(path, raw);
  if (more.length === 0) return network(raw);
  return network({ ...raw, plugins: [...(Array.isArray(raw['plugins']) ? raw['plugins'] : []), ...more] });
}

/** The text of a configuration. @throws NetworksError NETWORK_NOT_FOUND for what is no plain file of sensible size */
export function readConfText(path: string): string {
  try {
    return readPlainFileSync(path, FILE_LIMIT);
  } catch (error) {
    throw new NetworksError('NETWORK_NOT_FOUND', `Cannot read the network's file "${path}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** The plugins of every `*.conf` in a folder, each a configuration of its own; none without the folder. */
export function readPluginFolder(folder: string): readonly JsonObject[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder)
      .filter(name => name.endsWith('.conf'))
      .sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return [];
    throw new NetworksError('NETWORK_NOT_FOUND', `Cannot read the plugins in folder "${folder}": ${messageOf(error)}`, {
      cause: error,
    });
  }
  return names.map(name => {
    const path = join(folder, name);
    const { plugins } = parseNetworkConfig(readConfText(path), {
      source: `file "${path}"`,
      defaultName: name.slice(0, -'.conf'.length).replace(/[^a-zA-Z0-9_.-]/g, '-') || 'plugin',
      defaultVersion: '0.1.0',
    });
    return plugins[0] ?? {};
  });
}

/** Where containers of Multus have the node's files. */
const HOST_MOUNT = '/host/';

/** A path of a file that Multus wrote or read in its container, where it has the node's files below `/host`: ours has them in place. */
export function hostPath(path: string): string {
  return !existsSync(path) && path.startsWith(HOST_MOUNT) ? path.slice(HOST_MOUNT.length - 1) : path;
}

/** What a runtime's library takes the same way: text or truth value. */
function pluginsBeside(path: string, { name, loadOnlyInlinedPlugins: only }: JsonObject): readonly JsonObject[] {
  if (only === true || only === 'true' || typeof name !== 'string' || !isNetworkName(name)) return [];
  return readPluginFolder(join(dirname(path), name));
}

/** What is no JSON is refused by the parser of configurations, in better words. */
function parseLoosely(text: string): unknown {
  try {
    return parseShallowJson(text);
  } catch {
    return undefined;
  }
}
