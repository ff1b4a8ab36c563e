import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '#base';
import { SandboxError } from '../errors.ts';

/** A network configuration list as a container runtime reads it: https://www.cni.dev/docs/spec/#configuration-format */
export interface ConfigList {
  readonly cniVersion: string;
  readonly name: string;
  readonly plugins: readonly PluginObject[];
}

export interface PluginObject {
  readonly type: string;
  readonly [key: string]: unknown;
}

/**
 * The node's default network: the first file of `dir` in sorted order that is a configuration.
 *
 * @throws SandboxError NOT_FOUND, BAD_CONFIG
 */
export async function loadDefaultNetwork(dir: string): Promise<ConfigList> {
  const names = (await readdir(dir)).filter(name => /\.(conf|conflist|json)$/.test(name)).sort();
  const [first] = names;
  if (first === undefined)
    throw new SandboxError('NOT_FOUND', `Cannot find a network: no .conf, .conflist or .json file in "${dir}"`);
  return parseConfigList(await readFile(join(dir, first), 'utf8'), join(dir, first));
}

/** A single plugin's configuration counts as a list of one. @throws SandboxError BAD_CONFIG */
export function parseConfigList(text: string, file: string): ConfigList {
  const config: unknown = JSON.parse(text);
  if (!isJsonObject(config)) throw bad(file, 'expected an object');
  const plugins = config['plugins'] ?? [config];
  if (!Array.isArray(plugins) || !plugins.every(isPlugin))
    throw bad(file, 'plugins must be a list of objects with a type');
  const { name, cniVersion = '0.1.0' } = config;
  if (typeof name !== 'string') throw bad(file, 'name is missing');
  if (typeof cniVersion !== 'string') throw bad(file, 'cniVersion must be text');
  return { cniVersion, name, plugins };
}

function isPlugin(value: unknown): value is PluginObject {
  return isJsonObject(value) && typeof value['type'] === 'string';
}

function bad(file: string, why: string): SandboxError {
  return new SandboxError('BAD_CONFIG', `Cannot use "${file}": ${why}`);
}
