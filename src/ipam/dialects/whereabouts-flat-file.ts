import * as z from 'zod/mini';
import type { FlatFile } from '../config/ipam-config.ts';
import { IpamError } from '../errors.ts';
import { IGNORED_FIELDS, whereaboutsFields } from './whereabouts-fields.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What the file may say: everything but what a network decides for itself. */
const flatFields = z.partial(whereaboutsFields);

/** Stands in the configuration alone: a default of the node must not change where an address is unique. */
const INLINE_ONLY = ['type', 'configuration_path', 'enable_overlapping_ranges'];

/** An `ipam` object with the node's settings laid under it. */
export interface MergedFields {
  readonly fields: Fields;
  /** Fields that the file gave, for errors. */
  readonly fromFile: readonly string[];
}

/** Lays a flat file under an `ipam` object: what is written inline wins, field by field. @throws IpamError BAD_CONFIG */
export function mergeFlatFile(inline: Fields, file: FlatFile | undefined): MergedFields {
  if (file === undefined) return { fields: inline, fromFile: [] };
  const flat = parseFlatFile(file);
  const given = Object.entries(flat).filter(
    ([field, value]) =>
      !INLINE_ONLY.includes(field) && !IGNORED_FIELDS.includes(field) && !isEmpty(value) && isEmpty(inline[field]),
  );
  return { fields: { ...inline, ...Object.fromEntries(given) }, fromFile: given.map(([field]) => field) };
}

/**
 * Where a node keeps its flat file, first one first.
 * @param confDir the node's CNI configuration directory
 */
export function flatFilePaths(configurationPath: string | undefined, confDir = '/etc/cni/net.d'): readonly string[] {
  const own = configurationPath === undefined || configurationPath === '' ? [] : [configurationPath];
  const dirs = ['/etc/kubernetes/cni/net.d', confDir, '/host/etc/cni/net.d'];
  return [...own, ...dirs.map(dir => `${dir}/whereabouts.d/whereabouts.conf`)];
}

/** Its errors name fields and never quote values: a network's author chooses the path, and must not read files by it. */
function parseFlatFile({ path, text }: FlatFile): Fields {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, 'it holds no JSON object');
  const known = [...Object.keys(whereaboutsFields.shape), ...IGNORED_FIELDS];
  const unknown = Object.keys(value).filter(field => !known.includes(field));
  if (unknown.length > 0) {
    throw wrong(path, `unknown ${unknown.length === 1 ? 'field' : 'fields'} "${unknown.join('", "')}"`);
  }
  const parsed = flatFields.safeParse(value);
  if (parsed.success) return parsed.data;
  const [field] = parsed.error.issues.map(({ path: at }) => at.join('.'));
  throw wrong(path, `${field ?? 'a field'} is not of the type that it has in a network's configuration`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the parser's own words quote the text
  }
}

function wrong(path: string, problem: string): IpamError {
  const source = `file "${path}"`;
  return new IpamError('BAD_CONFIG', `Cannot use ipam of ${source}: ${problem}`, { details: { source } });
}

/** As Go programs, which wrote these files' readers, understand "not set". */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
