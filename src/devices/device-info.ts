import { showValue } from '#base';
import { DevicesError } from './errors.ts';

/**
 * What a device plugin or a CNI plugin says of a device; members in the order in which they are printed.
 * NPWG Device Information Specification 1.1.0.
 */
export interface DeviceInfo {
  readonly type: DeviceType;
  readonly version: string;
  readonly pci?: Details;
  readonly vdpa?: Details;
  readonly 'vhost-user'?: Details;
  readonly memif?: Details;
}

type Details = Readonly<Record<string, string>>;
type DeviceType = keyof typeof MEMBERS;

/** Members of each type's own object, in the order of the specification. */
const MEMBERS = {
  pci: ['pci-address', 'vhost-net', 'rdma-device', 'pf-pci-address', 'representor-device'],
  vdpa: ['parent-device', 'driver', 'path', 'pci-address', 'pf-pci-address', 'representor-device'],
  'vhost-user': ['mode', 'path'],
  memif: ['role', 'path', 'mode'],
} as const;

/** What a member may say, where that is not any text. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  'vhost-user.mode': ['client', 'server'],
  'memif.role': ['master', 'slave'],
  'memif.mode': ['ethernet', 'ip', 'inject-punt'],
};

/**
 * Reads a device-info file's text. Members that the specification does not know are left out.
 * @param source names the file in errors
 * @throws DevicesError DEVICE_INFO naming field, value and what was expected
 */
export function parseDeviceInfo(text: string, source: string): DeviceInfo {
  const root = objectOf(parseJson(text, source), 'content', source);
  const type = deviceType(root['type'], source);
  const version = textOf(root['version'], 'version', source);
  const given = root[type];
  if (given === undefined || given === null) return { type, version };
  const details = objectOf(given, type, source);
  const known = MEMBERS[type].flatMap(member => {
    const value = details[member];
    if (value === undefined || value === null || value === '') return [];
    return [[member, detail(value, `${type}.${member}`, source)]];
  });
  return { type, version, [type]: Object.fromEntries(known) };
}

function deviceType(value: unknown, source: string): DeviceType {
  switch (value) {
    case 'pci':
    case 'vdpa':
    case 'vhost-user':
    case 'memif':
      return value;
    default:
      throw wrong('type', value, `one of ${Object.keys(MEMBERS).join(', ')}`, source);
  }
}

function detail(value: unknown, field: string, source: string): string {
  const text = textOf(value, field, source);
  const words = WORDS[field];
  if (words !== undefined && !words.includes(text)) throw wrong(field, value, `one of ${words.join(', ')}`, source);
  return text;
}

function parseJson(text: string, source: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    throw new DevicesError('DEVICE_INFO', `Cannot use ${source}: it is not JSON (${String(error)})`, { cause: error });
  }
}

function objectOf(value: unknown, field: string, source: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw wrong(field, value, 'an object', source);
}

function textOf(value: unknown, field: string, source: string): string {
  if (typeof value === 'string') return value;
  throw wrong(field, value, 'text', source);
}

function wrong(field: string, value: unknown, expected: string, source: string): DevicesError {
  return new DevicesError('DEVICE_INFO', `Cannot use ${source}: ${field} is ${showValue(value)}, expected ${expected}`);
}
