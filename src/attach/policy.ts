import type { AttachmentPolicy } from '#api';
import { isJsonObject, type NetworkConfig, type PluginConfig } from '#cni';
import { isKnownIpam } from '#ipam';
import { AttachError } from './errors.ts';

/** A NetworkAttachmentDefinition's network, and the namespace that it is in. */
export interface DefinedNetwork {
  readonly namespace: string;
  /** For errors: `NetworkAttachmentDefinition "ns/x"`. */
  readonly source: string;
  readonly config: NetworkConfig;
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
    for (const { path, type } of programsOf(plugin)) {
      if (!isMatched(type, types)) throw refused(network, index, path, type, types, about);
    }
    for (const { path, name } of partsOfNode(plugin)) {
      if (!isMatched(name, masters)) throw refused(network, index, path, name, masters, about);
    }
  }
}

/** The plugin's own type, and that of an IPAM plugin that would be executed; those of ours reach nothing of the node. */
function programsOf(plugin: PluginConfig): readonly { readonly path: string; readonly type: string }[] {
  const ipam = isJsonObject(plugin['ipam']) ? plugin['ipam']['type'] : undefined;
  return [
    { path: 'type', type: plugin.type },
    ...(typeof ipam === 'string' && !isKnownIpam(ipam) ? [{ path: 'ipam.type', type: ipam }] : []),
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

function partsOfNode(plugin: PluginConfig): readonly { readonly path: string; readonly name: string }[] {
  // Its parent is an interface of the pod.
  if (plugin['linkInContainer'] === true) return [];
  const named = PART_FIELDS.flatMap(path => {
    const value = plugin[path];
    return value === undefined || value === null || value === ''
      ? []
      : [{ path, name: typeof value === 'string' ? value : JSON.stringify(value) }];
  });
  const fallback = PART_DEFAULTS.get(plugin.type);
  if (fallback === undefined || named.some(({ path }) => path === fallback[0])) return named;
  return [...named, { path: fallback[0], name: fallback[1] }];
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
  { source, config, namespace }: DefinedNetwork,
  index: number,
  path: string,
  value: string,
  allowed: readonly string[],
  policies: readonly AttachmentPolicy[],
): AttachError {
  const field = config.kind === 'list' ? `plugins[${index}].${path}` : path;
  const names = policies.map(({ metadata }) => `"${metadata.name}"`).join(', ');
  return new AttachError(
    'POLICY',
    `Cannot use ${source}: ${field} is "${value}", expected what AttachmentPolicy ${names} allows namespace "${namespace}": ${allowed.join(', ') || 'nothing'}`,
    { details: { source, field } },
  );
}
