import { showValue } from '#base';
import { CniError } from './errors.ts';
import { type Field, fieldError, isJsonObject, type JsonObject, optionalString, parseJson } from './json-object.ts';
import { isNetworkName, requirePluginType } from './names.ts';
import { type CniVersion, isSupportedVersion, SUPPORTED_VERSIONS } from './versions.ts';

/** One network: a single plugin or a list of them. Spec: https://www.cni.dev/docs/spec/#configuration-format */
export interface NetworkConfig {
  readonly kind: 'single' | 'list';
  readonly cniVersion: CniVersion;
  readonly name: string;
  /** At least one. */
  readonly plugins: readonly PluginConfig[];
  /** The list forbids CHECK. */
  readonly disableCheck: boolean;
  /** The list forbids GC. */
  readonly disableGc?: boolean;
  /** As written, unknown keys included. */
  readonly raw: JsonObject;
}

/** One plugin's object as written; only `type` (and `ipam.type`) is known to be a plain file name. */
export interface PluginConfig {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface NetworkConfigOptions {
  /** What errors call it: `NetworkAttachmentDefinition "ns/x": spec.config`. */
  readonly source: string;
  /** Taken where the config has no name. */
  readonly defaultName?: string;
  /** Taken where the config has no cniVersion. */
  readonly defaultVersion?: string;
}

/**
 * Reads a configuration or a configuration list, whichever it is: with a `type` it is a single plugin's, otherwise it
 * needs `plugins`.
 * @param input JSON text, or the value parsed from it
 * @throws CniError naming source, field, value and what was expected
 */
export function parseNetworkConfig(input: unknown, options: NetworkConfigOptions): NetworkConfig {
  const { source } = options;
  const raw = typeof input === 'string' ? parseJson(input, source) : input;
  if (!isJsonObject(raw)) throw invalid(source, `holds ${showValue(raw)}, expected a JSON object`);
  const name = parseName(raw, options);
  const cniVersion = parseVersion(raw, options);
  const isSingle = raw['type'] !== undefined && raw['type'] !== null && raw['type'] !== '';
  const plugins = isSingle ? [parsePluginConfig(raw, source)] : parsePlugins(raw, source);
  const flag = (path: string): boolean => parseFlag(raw[path], { source, path, code: 'CNI_INVALID_CONFIG' });
  const flags = { disableCheck: flag('disableCheck'), ...(flag('disableGC') && { disableGc: true }) };
  return { kind: isSingle ? 'single' : 'list', cniVersion, name, plugins, ...flags, raw };
}

/**
 * Checks one plugin's object: `type`, and `ipam.type` where there is an `ipam`, must be plain file names.
 * @param path where it stands in its source (`plugins[1]`), empty for the whole of it
 */
export function parsePluginConfig(value: unknown, source: string, path = ''): PluginConfig {
  const field = (key: string): Field => ({ source, path: path ? `${path}.${key}` : key, code: 'CNI_INVALID_CONFIG' });
  const whole: Field = { source, path: path || 'config', code: 'CNI_INVALID_CONFIG' };
  if (!isJsonObject(value)) throw fieldError(whole, value, 'an object');
  const type = optionalString(value['type'], field('type'));
  if (type === undefined) throw fieldError(field('type'), value['type'], 'the name of a plugin');
  requirePluginType(type, path ? `${source}: ${path}` : source);
  const ipam = value['ipam'];
  if (ipam !== undefined && ipam !== null) {
    if (!isJsonObject(ipam)) throw fieldError(field('ipam'), ipam, 'an object');
    const ipamType = optionalString(ipam['type'], field('ipam.type'));
    if (ipamType !== undefined) requirePluginType(ipamType, `${source}: ${field('ipam').path}`);
  }
  return { ...value, type };
}

function parseName(raw: JsonObject, { source, defaultName }: NetworkConfigOptions): string {
  const field: Field = { source, path: 'name', code: 'CNI_INVALID_CONFIG' };
  const name = optionalString(raw['name'], field) ?? defaultName;
  if (name === undefined) throw invalid(source, 'missing network name, expected the field "name"');
  if (!isNetworkName(name)) {
    const expected = 'letters, digits, ".", "_" or "-" after a letter or digit';
    throw invalid(source, `invalid characters found in network name "${name}", expected ${expected}`);
  }
  return name;
}

function parseVersion(raw: JsonObject, { source, defaultVersion }: NetworkConfigOptions): CniVersion {
  const field = (path: string): Field => ({ source, path, code: 'CNI_INCOMPATIBLE_VERSION' });
  const own = optionalString(raw['cniVersion'], field('cniVersion'));
  const offered = Array.isArray(raw['cniVersions']) ? raw['cniVersions'] : [];
  const usable = SUPPORTED_VERSIONS.filter(version => version === own || offered.includes(version));
  const version = usable.at(-1) ?? own ?? defaultVersion;
  const expected = `one of ${SUPPORTED_VERSIONS.join(', ')}`;
  if (version === undefined || !isSupportedVersion(version)) throw fieldError(field('cniVersion'), version, expected);
  return version;
}

function parsePlugins(raw: JsonObject, source: string): readonly PluginConfig[] {
  const plugins = raw['plugins'];
  if (plugins === undefined || plugins === null)
    throw invalid(source, 'has neither "type" nor "plugins", expected one of them');
  if (!Array.isArray(plugins) || plugins.length === 0) {
    const field: Field = { source, path: 'plugins', code: 'CNI_INVALID_CONFIG' };
    throw fieldError(field, plugins, 'a list of at least one plugin');
  }
  return plugins.map((plugin, index) => parsePluginConfig(plugin, source, `plugins[${index}]`));
}

/** Reference runtimes take these as booleans or as text. */
function parseFlag(value: unknown, field: Field): boolean {
  if (value === undefined || value === null || value === false || value === 'false' || value === '') return false;
  if (value === true || value === 'true') return true;
  throw fieldError(field, value, 'true or false');
}

function invalid(source: string, problem: string): CniError {
  return new CniError('CNI_INVALID_CONFIG', `Cannot use ${source}: ${problem}`, { details: { source } });
}
