import { messageOf, UnderlaneError } from '#base';
import { isJsonObject, type JsonObject, type NetworkConfig } from '#cni';
import { PIPELINE_NAMES } from '#networks';
import { fieldOf, placeOf, sentenceOf } from './finding.ts';
import { lintNetwork, type NetworkUnderLint } from './lint-network.ts';
import { type LintReport, NOTHING } from './report.ts';

/** Where a configuration stands. */
interface ConfigPlace extends Omit<NetworkUnderLint, 'config'> {
  /** Where a line of the configuration's text stands in its file. */
  readonly jsonLine: (line: number) => number;
}

/** Reads a network's configuration, and then every plugin of it. */
export function lintConfig(read: () => NetworkConfig, place: ConfigPlace): LintReport {
  const { object, located } = place;
  let config: NetworkConfig;
  try {
    config = read();
  } catch (error) {
    if (!(error instanceof UnderlaneError)) throw error;
    const path = fieldOf(error);
    const at = placeOf(located, path);
    const line = path.length > 0 ? at.line : place.jsonLine(lineInText(error));
    return { ...NOTHING, findings: [{ severity: 'error', ...at, line, object, message: sentenceOf(error, object) }] };
  }
  const { network, findings } = lintNetwork({ ...place, config });
  return { findings, networks: [network] };
}

/** JSON's own errors say a line of the text, where they know it. */
function lineInText(error: unknown): number {
  const [, line] = /\(line (\d+) column \d+\)/.exec(messageOf(error)) ?? [];
  return line === undefined ? 1 : Number(line);
}

/** Whether a document is a CNI configuration, not an object of the API. */
export function isCniConfig(value: unknown): value is JsonObject {
  if (!isJsonObject(value) || value['kind'] !== undefined) return false;
  return ['cniVersion', 'plugins', 'type', 'cniVersions'].some(key => Object.hasOwn(value, key));
}

/** Whether it is a node's configuration that the runtime calls us by: what that delegates to has a file of its own. */
export function callsUs(config: unknown): boolean {
  if (!isJsonObject(config)) return false;
  const plugins = Array.isArray(config['plugins']) ? config['plugins'] : [config];
  return plugins.every(plugin => {
    return isJsonObject(plugin) && typeof plugin['type'] === 'string' && PIPELINE_NAMES.has(plugin['type']);
  });
}
