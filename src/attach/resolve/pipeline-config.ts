import { describeWrongValue } from '#base';
import type { JsonObject } from '#cni';
import { IGNORED_KEYS, KNOWN_KEYS } from '#networks';
import { AttachError } from '../errors.ts';

/** What the runtime's own configuration of the pipeline says: the keys that Multus has, with its defaults. */
export interface PipelineConfig {
  /** What errors call it. */
  readonly source: string;
  /** Name or path of the default network; wins over `delegates`. */
  readonly clusterNetwork?: string;
  /** Networks written out: the first is the default one. */
  readonly delegates: readonly unknown[];
  /** More networks for every pod outside of {@link systemNamespaces}. */
  readonly defaultNetworks: readonly string[];
  readonly systemNamespaces: readonly string[];
  /** Where networks for the whole cluster are looked for. */
  readonly multusNamespace: string;
  /** Set when a pod may use networks of its own namespace and of these only. */
  readonly openNamespaces?: readonly string[];
  /** A file that is there once the default network can be used. */
  readonly readinessFile?: string;
  /** Folder beside the default network's file whose plugins run last. */
  readonly auxiliaryChain?: string;
  /** Where networks are looked up by name. */
  readonly netConfDir: string;
  /** Looked through for third-party plugins after the agent's own. */
  readonly binDir?: string;
  readonly warnings: readonly ConfigWarning[];
}

/** A key that does not do what somebody may expect of it. */
export interface ConfigWarning {
  readonly key: string;
  readonly message: string;
}

export const SYSTEM_NAMESPACE = 'kube-system';
const NET_CONF_DIR = '/etc/cni/multus/net.d';

/**
 * Reads the configuration that the runtime calls the pipeline by (type `underlane`, `multus` or `multus-shim`).
 * @param overlay keys of the agent's own file, each of which replaces the configuration's
 * @throws AttachError NETWORK_CONFIG naming key, value and what was expected
 */
export function parsePipelineConfig(own: JsonObject, overlay: JsonObject = {}): PipelineConfig {
  const source = `the CNI configuration "${typeof own['name'] === 'string' ? own['name'] : ''}"`;
  const read = createReader({ ...own, ...overlay }, source);
  const clusterNetwork = read.text('clusterNetwork');
  const delegates = read.list('delegates');
  const defaultNetworks = read.texts('defaultNetworks');
  const isolated = read.flag('namespaceIsolation');
  const readinessFile = read.path('readinessindicatorfile');
  const auxiliaryChain = read.text('auxiliaryCNIChainName');
  const binDir = read.path('binDir');
  if (auxiliaryChain !== undefined) requireChain(auxiliaryChain, clusterNetwork, source);
  const isInline = clusterNetwork === undefined && delegates.length > 0;
  const useless: ConfigWarning[] = [];
  if (clusterNetwork !== undefined && delegates.length > 0) {
    useless.push({ key: 'delegates', message: 'it does nothing beside clusterNetwork' });
  }
  if (isInline && defaultNetworks.length > 0) {
    useless.push({ key: 'defaultNetworks', message: 'it does nothing beside delegates, expected clusterNetwork' });
  }
  return {
    source,
    ...(clusterNetwork === undefined ? {} : { clusterNetwork }),
    delegates: isInline ? delegates : [],
    defaultNetworks: isInline ? [] : defaultNetworks,
    systemNamespaces: orElse(read.texts('systemNamespaces'), [SYSTEM_NAMESPACE]),
    multusNamespace: read.text('multusNamespace') ?? SYSTEM_NAMESPACE,
    ...(isolated ? { openNamespaces: orElse(splitNames(read.text('globalNamespaces') ?? ''), ['default']) } : {}),
    ...(readinessFile === undefined ? {} : { readinessFile }),
    ...(auxiliaryChain === undefined ? {} : { auxiliaryChain }),
    netConfDir: read.path('confDir') ?? NET_CONF_DIR,
    ...(binDir === undefined ? {} : { binDir }),
    warnings: [...useless, ...warningsOf(own)],
  };
}

/** Keys that mean nothing here, each with the reason. */
function warningsOf(own: JsonObject): readonly ConfigWarning[] {
  return Object.entries(own).flatMap(([key, value]) => {
    if (isUnset(value) || KNOWN_KEYS.has(key) || key.includes('.')) return [];
    const why = IGNORED_KEYS.get(key) ?? 'no such key is known';
    return [{ key, message: `it does nothing: ${why}` }];
  });
}

/** The plugins stand in a folder beside a file, so there must be one. */
function requireChain(name: string, clusterNetwork: string | undefined, source: string): void {
  if (name === '.' || name === '..' || name.includes('/')) {
    throw wrong(source, 'auxiliaryCNIChainName', name, 'the plain name of a folder');
  }
  if (clusterNetwork === undefined || !clusterNetwork.includes('/')) {
    throw wrong(source, 'clusterNetwork', clusterNetwork, 'a path, since auxiliaryCNIChainName is set');
  }
}

interface Reader {
  text(key: string): string | undefined;
  path(key: string): string | undefined;
  flag(key: string): boolean;
  list(key: string): readonly unknown[];
  texts(key: string): readonly string[];
}

function createReader(values: JsonObject, source: string): Reader {
  function list(key: string): readonly unknown[] {
    const value = values[key];
    if (isUnset(value)) return [];
    if (!Array.isArray(value)) throw wrong(source, key, value, 'a list');
    return value;
  }
  function text(key: string): string | undefined {
    const value = values[key];
    if (isUnset(value)) return undefined;
    if (typeof value !== 'string') throw wrong(source, key, value, 'a string');
    return value;
  }
  return {
    text,
    list,
    path(key) {
      const value = text(key);
      if (value !== undefined && !value.startsWith('/')) throw wrong(source, key, value, 'an absolute path');
      return value;
    },
    flag(key) {
      const value = values[key];
      if (isUnset(value)) return false;
      if (typeof value !== 'boolean') throw wrong(source, key, value, 'true or false');
      return value;
    },
    texts: key =>
      list(key).map((value, index) => {
        if (typeof value === 'string' && value !== '') return value;
        throw wrong(source, `${key}[${index}]`, value, 'a name');
      }),
  };
}

/** Go programs print fields that were never set as null or "". */
function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function splitNames(text: string): readonly string[] {
  return text
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
}

function orElse(names: readonly string[], otherwise: readonly string[]): readonly string[] {
  return names.length > 0 ? names : otherwise;
}

function wrong(source: string, field: string, value: unknown, expected: string): AttachError {
  return new AttachError('NETWORK_CONFIG', describeWrongValue({ doing: `use ${source}`, field, value, expected }), {
    details: { field },
  });
}
