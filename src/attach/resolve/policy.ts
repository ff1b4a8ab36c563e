import type { AttachmentPolicy } from '#api';
import { isJsonObject, type NetworkConfig, type PluginConfig } from '#cni';
import { isKnownIpam } from '#ipam';
import { AttachError } from '../errors.ts';

/** A NetworkAttachmentDefinition's network, and the namespace that it is in. */
export interface DefinedNetwork {
  readonly namespace: string;
  /** For errors: `NetworkAttachmentDefinition "ns/x"`. */
  readonly source: string;
  readonly config: NetworkConfig;
  /** A device that the pod itself asks for; not one that kubelet has given to the pod. */
  readonly deviceId?: string;
}

/**
 * Makes sure that a network asks for no plugin and no part of the node that its namespace may not have. Without a policy
 * about the namespace it may ask for anything. Pure.
 * @throws AttachError POLICY naming plugin, field, value and what is allowed
 */
export function requireAllowed(network: DefinedNetwork, policies: readonly AttachmentPolicy[]): void {
  const about = policies.filter(({ spec }) => isMatched(network.namespace, spec.namespaces));
  if (about.length === 0) return;
  const types = about.flatMap(({ spec }) => spec.types);
  const masters = about.flatMap(({ spec }) => spec.masters);
  for (const [index, plugin] of network.config.plugins.entries()) {
    const at = network.config.kind === 'list' ? `plugins[${index}].` : '';
    for (const { path, type } of programsOf(plugin)) {
      if (!isMatched(type, types)) throw refused(network, `${at}${path}`, type, types, about);
    }
    for (const { path, name } of partsOfNode(plugin)) {
      if (!isMatched(name, masters)) throw refused(network, `${at}${path}`, name, masters, about);
    }
    const { deviceId } = network;
    if (deviceId !== undefined && takesAskedDevice(plugin) && !isMatched(deviceId, masters)) {
      throw refused(network, "deviceID of the pod's annotation", deviceId, masters, about);
    }
  }
}

/** The plugin's own type, and those of IPAM plugins that would be executed; those of ours reach nothing of the node. */
function programsOf(plugin: PluginConfig): readonly { readonly path: string; readonly type: string }[] {
  const ipams = fieldsNamed(plugin, ['ipam']).flatMap(({ value }) => fieldsNamed(value, ['type']));
  return [
    { path: 'type', type: plugin.type },
    ...ipams.flatMap(({ value }) =>
      typeof value === 'string' && !isKnownIpam(value) ? [{ path: 'ipam.type', type: value }] : [],
    ),
  ];
}

/** Fields by which plugins take hold of something on the node. */
const PART_FIELDS = ['master', 'bridge', 'device', 'hwaddr', 'kernelpath', 'pciBusID', 'deviceID'];
/** What plugins take when the field is left out. */
const PART_DEFAULTS: ReadonlyMap<string, readonly [field: string, name: string]> = new Map([
  ['macvlan', ['master', "(the default route's)"]],
  ['ipvlan', ['master', "(the default route's)"]],
  ['bridge', ['bridge', 'cni0']],
]);
/** Plugins that look for their master in the pod when `linkInContainer` says so. Others do not know the field. */
const TAKE_POD_MASTER: ReadonlySet<string> = new Set(['macvlan', 'ipvlan', 'vlan']);

interface PartOfNode {
  readonly path: string;
  readonly name: string;
}

function partsOfNode(plugin: PluginConfig): readonly PartOfNode[] {
  const isMasterInPod = plugin['linkInContainer'] === true && TAKE_POD_MASTER.has(plugin.type);
  const fields = isMasterInPod ? PART_FIELDS.filter(field => field !== 'master') : PART_FIELDS;
  const named = fieldsNamed(plugin, fields).map(({ key, value }) => partOf(key, value));
  const devices = fieldsNamed(plugin, ['runtimeConfig']).flatMap(({ key, value }) =>
    fieldsNamed(value, ['deviceID']).map(field => partOf(`${key}.${field.key}`, field.value)),
  );
  const fallback = PART_DEFAULTS.get(plugin.type);
  if (isMasterInPod || fallback === undefined || named.some(({ path }) => path === fallback[0])) {
    return [...named, ...devices];
  }
  return [...named, ...devices, { path: fallback[0], name: fallback[1] }];
}

/** Whether the plugin gets the device that the pod's own annotation names. */
function takesAskedDevice({ capabilities }: PluginConfig): boolean {
  return isJsonObject(capabilities) && capabilities['deviceID'] === true;
}

function partOf(path: string, value: unknown): PartOfNode {
  return { path, name: typeof value === 'string' ? value : JSON.stringify(value) };
}

/**
 * The fields of these names that have a value, in whatever case: Go, which most plugins are written in, does not tell
 * `Master` from `master`.
 */
function fieldsNamed(
  object: unknown,
  names: readonly string[],
): readonly { readonly key: string; readonly value: unknown }[] {
  if (!isJsonObject(object)) return [];
  const wanted = new Set(names.map(name => name.toLowerCase()));
  return Object.entries(object)
    .filter(([key, value]) => wanted.has(key.toLowerCase()) && value !== undefined && value !== null && value !== '')
    .map(([key, value]) => ({ key, value }));
}

/** Whether a text is one of the patterns, in which `*` stands for any text. */
function isMatched(text: string, patterns: readonly string[]): boolean {
  return patterns.some(pattern => {
    const [first = '', ...rest] = pattern.split('*');
    const last = rest.pop();
    if (last === undefined) return text === pattern;
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    // Left to right, each as early as it fits: what is between ends up as long as it can be.
    let at = first.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= text.length - last.length;
  });
}

function refused(
  { source, namespace }: DefinedNetwork,
  field: string,
  value: string,
  allowed: readonly string[],
  policies: readonly AttachmentPolicy[],
): AttachError {
  const names = policies.map(({ metadata }) => `"${metadata.name}"`).join(', ');
  return new AttachError(
    'POLICY',
    `Cannot use ${source}: ${field} is "${value}", expected what AttachmentPolicy ${names} allows namespace "${namespace}": ${allowed.join(', ') || 'nothing'}`,
    { details: { source, field } },
  );
}
