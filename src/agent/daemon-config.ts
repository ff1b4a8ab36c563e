import { readFileSync } from 'node:fs';
import { parsePipelineConfig } from '#attach';
import { describeWrongValue, isJsonObject, type JsonObject, type LogLevel, messageOf } from '#base';
import { isSupportedVersion, parseShallowJson, SUPPORTED_VERSIONS } from '#cni';
import type { ConfWishes } from '#install';
import { hostPath } from '#networks';
import { AgentError } from './errors.ts';

/** What the agent takes from a file of the form that the daemon of Multus reads (`daemon-config.json`). */
export interface DaemonConfig {
  /** Keys that win over those of the configuration that comes with each request. */
  readonly overlay: JsonObject;
  readonly logLevel?: LogLevel;
  /** `HOST:PORT` for /healthz and /metrics. */
  readonly healthAddress?: string;
  /** Where Multus has kept what it attached. */
  readonly multusCniDir?: string;
  /** About the configuration to install. */
  readonly wishes: Partial<ConfWishes>;
  /** What of it means nothing here, in sentences. */
  readonly warnings: readonly string[];
}

/** Keys of the daemon's own, which are no keys of a CNI configuration. */
const OWN_KEYS: ReadonlySet<string> = new Set([
  'cniVersion',
  'cniConfigDir',
  'cniDir',
  'logLevel',
  'metricsPort',
  'multusAutoconfigDir',
  'multusMasterCNI',
  'overrideNetworkName',
]);

const LOG = 'the agent logs to stderr';

/** Keys of the daemon of Multus that have nothing to do here, and why. */
const IGNORED_KEYS: ReadonlyMap<string, string> = new Map([
  ['chrootDir', 'the agent has its own --host-root'],
  ['socketDir', 'the agent answers on its own --socket'],
  ['daemonSocketDir', 'the agent answers on its own --socket'],
  ['logFile', LOG],
  ['logToStderr', LOG],
  ['logOptions', LOG],
  ['enablePprof', 'there is no such profile of this program'],
  ['connectionLimit', 'connections wait for their turn; the agent has its own --parallel'],
  ['perNodeCertificate', 'the agent reaches the API server by its own --kubeconfig'],
  ['forceCNIVersion', 'files of others are never changed'],
  ['name', 'the configuration that calls the agent has its own'],
  ['type', 'the configuration that calls the agent has its own'],
]);

const LEVELS: Readonly<Record<string, LogLevel>> = { debug: 'debug', verbose: 'info', error: 'error', panic: 'error' };

/** @throws AgentError CONFIG_FILE naming file, key, value and what was expected; AttachError for keys of a CNI configuration */
export function readDaemonConfig(path: string): DaemonConfig {
  const source = `file "${path}"`;
  try {
    return parseDaemonConfig(parseShallowJson(readFileSync(path, 'utf8')), source);
  } catch (error) {
    if (error instanceof AgentError) throw error;
    throw new AgentError('CONFIG_FILE', `Cannot use ${source}: ${messageOf(error).replace(/^Cannot use /, '')}`, {
      cause: error,
    });
  }
}

/** What a parsed file says. Pure. @throws as {@link readDaemonConfig} */
export function parseDaemonConfig(value: unknown, source: string): DaemonConfig {
  if (!isJsonObject(value)) throw wrong(source, 'config', value, 'an object');
  const given = Object.entries(value).filter(([, one]) => one !== undefined && one !== null && one !== '');
  const warnings = given.flatMap(([key]) => {
    const why = IGNORED_KEYS.get(key);
    return why === undefined ? [] : [`${source}: ${key}: it does nothing: ${why}`];
  });
  const keys: JsonObject = Object.fromEntries(given);
  const file = text(keys, 'multusConfigFile', source);
  if (file !== undefined && file !== 'auto') {
    warnings.push(`${source}: multusConfigFile: it does nothing: the configuration is always generated`);
  }
  const overlay = Object.fromEntries(
    given.filter(([key]) => !OWN_KEYS.has(key) && !IGNORED_KEYS.has(key) && key !== 'multusConfigFile'),
  );
  warnings.push(...overlayWarnings(overlay, source));
  const level = text(keys, 'logLevel', source)?.toLowerCase();
  const logLevel = level === undefined ? undefined : LEVELS[level];
  if (level !== undefined && logLevel === undefined) {
    warnings.push(
      `${source}: logLevel: it does nothing: it is "${level}", expected one of ${Object.keys(LEVELS).join(', ')}`,
    );
  }
  const port = keys['metricsPort'];
  if (port !== undefined && !(Number.isInteger(port) && Number(port) > 0 && Number(port) < 65536)) {
    throw wrong(source, 'metricsPort', port, 'a number from 1 to 65535');
  }
  const cniDir = text(keys, 'cniDir', source);
  return {
    overlay,
    ...(cniDir === undefined ? {} : { multusCniDir: hostPath(cniDir) }),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(port === undefined ? {} : { healthAddress: `0.0.0.0:${Number(port)}` }),
    wishes: wishesOf(keys, overlay, source),
    warnings,
  };
}

/** Also finds at the start what would fail each request. A chain needs the path that may come with the request alone. */
function overlayWarnings(overlay: JsonObject, source: string): readonly string[] {
  const hasChain = overlay['auxiliaryCNIChainName'] !== undefined && overlay['clusterNetwork'] === undefined;
  const { warnings } = parsePipelineConfig(hasChain ? { ...overlay, clusterNetwork: '/' } : overlay);
  return warnings.map(({ key, message }) => `${source}: ${key}: ${message}`);
}

function wishesOf(keys: JsonObject, overlay: JsonObject, source: string): Partial<ConfWishes> {
  const version = text(keys, 'cniVersion', source);
  if (version !== undefined && !isSupportedVersion(version)) {
    throw wrong(source, 'cniVersion', version, `one of ${SUPPORTED_VERSIONS.join(', ')}`);
  }
  const confDir = text(keys, 'cniConfigDir', source);
  const primaryDir = text(keys, 'multusAutoconfigDir', source);
  const primaryFile = text(keys, 'multusMasterCNI', source);
  if (primaryFile?.includes('/') === true)
    throw wrong(source, 'multusMasterCNI', primaryFile, 'the plain name of a file');
  const clusterNetwork = text(overlay, 'clusterNetwork', source);
  return {
    ...(version === undefined ? {} : { runtimeVersion: version }),
    ...(confDir === undefined ? {} : { confDir: hostPath(confDir) }),
    ...(primaryDir === undefined ? {} : { primaryDir: hostPath(primaryDir) }),
    ...(primaryFile === undefined ? {} : { primaryFile }),
    ...(keys['overrideNetworkName'] === true ? { usesPrimaryName: true } : {}),
    ...(clusterNetwork === undefined ? {} : { clusterNetwork }),
  };
}

function text(keys: JsonObject, key: string, source: string): string | undefined {
  const value = keys[key];
  if (value === undefined || typeof value === 'string') return value;
  throw wrong(source, key, value, 'a string');
}

function wrong(source: string, field: string, value: unknown, expected: string): AgentError {
  return new AgentError('CONFIG_FILE', describeWrongValue({ doing: `use ${source}`, field, value, expected }));
}
