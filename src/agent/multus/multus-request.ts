import { isJsonObject, type JsonObject } from '#base';
import { CniError, parseShallowJson } from '#cni';

/** What is posted to `/cni` and `/delegate` of Multus' daemon. */
export interface MultusRequest {
  readonly env: Readonly<Record<string, string>>;
  /** A CNI configuration. */
  readonly config: string;
  readonly ips: readonly string[];
  readonly mac?: string;
  readonly cniArgs?: JsonObject;
}

/** What every request about a container must name, be it empty. */
const REQUIRED = ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_ARGS'];
const WIDE: ReadonlySet<string> = new Set(['GC', 'STATUS']);

/**
 * Reads a request's body: `{"env": {...}, "config": "<base64>", "interfaceAttributes": {...}}`.
 * @param defaults of the environment, for callers that send less than a runtime does
 * @throws CniError CNI_DECODING_FAILURE, CNI_INVALID_ENVIRONMENT
 */
export function parseMultusRequest(body: string, defaults: Readonly<Record<string, string>>): MultusRequest {
  const value = parseBody(body);
  const given = isJsonObject(value) ? value['env'] : undefined;
  if (!isJsonObject(value) || !isJsonObject(given)) throw bad('env', given, 'an object of CNI_* variables');
  const env = Object.fromEntries(
    Object.entries(given).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
  if (!WIDE.has(env['CNI_COMMAND'] ?? '')) {
    for (const name of REQUIRED) {
      if (env[name] === undefined) {
        throw new CniError('CNI_INVALID_ENVIRONMENT', `Cannot use the request: env has no ${name}, expected one`);
      }
    }
  }
  const config = value['config'];
  if (typeof config !== 'string') throw bad('config', config, 'a CNI configuration in base64');
  return {
    env: { ...defaults, ...env },
    config: Buffer.from(config, 'base64').toString('utf8'),
    ...attributesOf(value['interfaceAttributes']),
  };
}

function attributesOf(value: unknown): Pick<MultusRequest, 'ips' | 'mac' | 'cniArgs'> {
  if (value === undefined || value === null) return { ips: [] };
  if (!isJsonObject(value)) throw bad('interfaceAttributes', value, 'an object');
  const { ips, mac, 'cni-args': cniArgs } = value;
  if (ips !== undefined && ips !== null && !isTexts(ips))
    throw bad('interfaceAttributes.ips', ips, 'a list of addresses');
  if (mac !== undefined && typeof mac !== 'string') throw bad('interfaceAttributes.mac', mac, 'a MAC');
  if (cniArgs !== undefined && cniArgs !== null && !isJsonObject(cniArgs)) {
    throw bad('interfaceAttributes.cni-args', cniArgs, 'an object');
  }
  return {
    ips: ips ?? [],
    ...(mac ? { mac: mac.toLowerCase() } : {}),
    ...(isJsonObject(cniArgs) ? { cniArgs } : {}),
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(text => typeof text === 'string');
}

function parseBody(body: string): unknown {
  try {
    return parseShallowJson(body);
  } catch (error) {
    throw new CniError('CNI_DECODING_FAILURE', 'Cannot use the request: its body is not JSON', { cause: error });
  }
}

function bad(field: string, value: unknown, expected: string): CniError {
  const shown = value === undefined ? 'absent' : JSON.stringify(value).slice(0, 100);
  return new CniError('CNI_DECODING_FAILURE', `Cannot use the request: ${field} is ${shown}, expected ${expected}`);
}
