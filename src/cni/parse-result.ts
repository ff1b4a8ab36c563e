import { isIP } from 'node:net';
import { describeWrongValue } from '#base';
import { isCidr } from './cidr.ts';
import { CniError } from './errors.ts';
import {
  type Field,
  fieldError,
  isJsonObject,
  type JsonObject,
  optionalCount,
  optionalList,
  optionalObject,
  optionalString,
  optionalStrings,
  parseJson,
} from './json-object.ts';
import { type CniDns, type CniInterface, type CniIp, type CniResult, type CniRoute, emptyResult } from './result.ts';
import { type CniVersion, featuresOf, isSupportedVersion, SUPPORTED_VERSIONS } from './versions.ts';

/**
 * Reads what a plugin printed, or a `prevResult`, of any version we speak. `null` is an empty result.
 *
 * More is read than a version's text allows: reference plugins print `mtu` and the like in 1.0.0 already.
 * @param raw JSON text, or the value parsed from it
 * @param fallbackVersion the config's cniVersion, taken where the result names none
 * @param source what the errors call it
 * @throws CniError CNI_DECODING_FAILURE naming the field, CNI_INCOMPATIBLE_VERSION
 */
export function parseResult(raw: unknown, fallbackVersion: string, source = 'CNI result'): CniResult {
  const value = typeof raw === 'string' ? parseJson(raw, source) : raw;
  if (value === null) return emptyResult;
  const root: Field = { source, path: 'result', code: 'CNI_DECODING_FAILURE' };
  if (!isJsonObject(value)) throw fieldError(root, value, 'an object');
  const version = requireVersion(
    optionalString(value['cniVersion'], at(root, 'cniVersion')) ?? fallbackVersion,
    source,
  );
  return {
    ...(featuresOf(version).hasInterfaces ? parseLists(value, root) : parseFamilies(value, root)),
    dns: parseDns(optionalObject(value['dns'], at(root, 'dns')) ?? {}, at(root, 'dns')),
  };
}

function parseLists(value: JsonObject, root: Field): Omit<CniResult, 'dns'> {
  return {
    interfaces: mapObjects(value['interfaces'], at(root, 'interfaces'), parseInterface),
    ips: mapObjects(value['ips'], at(root, 'ips'), parseIp),
    routes: mapObjects(value['routes'], at(root, 'routes'), parseRoute),
  };
}

/** The shape before 0.3.0: an address of each family, and no interfaces. */
function parseFamilies(value: JsonObject, root: Field): Omit<CniResult, 'dns'> {
  const ips: CniIp[] = [];
  const routes: CniRoute[] = [];
  for (const key of ['ip4', 'ip6']) {
    const family = optionalObject(value[key], at(root, key));
    if (family === undefined) continue;
    ips.push({
      address: requireCidr(family['ip'], at(root, `${key}.ip`)),
      ...defined('gateway', optionalAddress(family['gateway'], at(root, `${key}.gateway`))),
    });
    routes.push(...mapObjects(family['routes'], at(root, `${key}.routes`), parseRoute));
  }
  return { interfaces: [], ips, routes };
}

function requireVersion(version: string, source: string): CniVersion {
  if (isSupportedVersion(version)) return version;
  const expected = `one of ${SUPPORTED_VERSIONS.join(', ')}`;
  const message = describeWrongValue({ doing: `use ${source}`, field: 'cniVersion', value: version, expected });
  throw new CniError('CNI_INCOMPATIBLE_VERSION', message, { details: { source, version } });
}

function mapObjects<T>(value: unknown, list: Field, parse: (item: JsonObject, field: Field) => T): T[] {
  return optionalList(value, list).map((item, index) => {
    const field = at(list, `${list.path}[${index}]`);
    if (!isJsonObject(item)) throw fieldError(field, item, 'an object');
    return parse(item, field);
  });
}

function parseInterface(item: JsonObject, field: Field): CniInterface {
  const text = (key: string): string | undefined => optionalString(item[key], below(field, key));
  return {
    name: text('name') ?? '',
    ...defined('mac', text('mac')),
    ...defined('mtu', optionalCount(item['mtu'], below(field, 'mtu'))),
    ...defined('sandbox', text('sandbox')),
    ...defined('socketPath', text('socketPath')),
    ...defined('pciID', text('pciID')),
  };
}

function parseIp(item: JsonObject, field: Field): CniIp {
  return {
    address: requireCidr(item['address'], below(field, 'address')),
    ...defined('gateway', optionalAddress(item['gateway'], below(field, 'gateway'))),
    ...defined('interface', optionalCount(item['interface'], below(field, 'interface'))),
  };
}

function parseRoute(item: JsonObject, field: Field): CniRoute {
  const count = (key: string): number | undefined => optionalCount(item[key], below(field, key));
  return {
    dst: requireCidr(item['dst'], below(field, 'dst')),
    ...defined('gw', optionalAddress(item['gw'], below(field, 'gw'))),
    ...defined('mtu', count('mtu')),
    ...defined('advmss', count('advmss')),
    ...defined('priority', count('priority')),
    ...defined('table', count('table')),
    ...defined('scope', count('scope')),
  };
}

function parseDns(item: JsonObject, field: Field): CniDns {
  const list = (key: string): readonly string[] | undefined => {
    const items = optionalStrings(item[key], below(field, key));
    return items.length > 0 ? items : undefined;
  };
  return {
    ...defined('nameservers', list('nameservers')),
    ...defined('domain', optionalString(item['domain'], below(field, 'domain'))),
    ...defined('search', list('search')),
    ...defined('options', list('options')),
  };
}

function requireCidr(value: unknown, field: Field): string {
  if (typeof value !== 'string' || !isCidr(value)) throw fieldError(field, value, 'an address with prefix length');
  return value;
}

function optionalAddress(value: unknown, field: Field): string | undefined {
  const text = optionalString(value, field);
  if (text !== undefined && isIP(text) === 0) throw fieldError(field, text, 'an IP address');
  return text;
}

function at(root: Field, path: string): Field {
  return { ...root, path };
}

function below(field: Field, key: string): Field {
  return { ...field, path: `${field.path}.${key}` };
}

function defined<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  // A computed key widens to an index signature; the type says what is in it.
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V });
}
