import type { z } from 'zod/mini';
import { describeWrongValue } from '#base';
import { ConfigError } from './errors.ts';

/** Keys that the CNI specification gives to every configuration; others than the plugin read them. */
const COMMON_KEYS = new Set([
  'cniVersion',
  'cniVersions',
  'name',
  'type',
  'disableCheck',
  'ipam',
  'prevResult',
  'capabilities',
  'runtimeConfig',
  'args',
]);

/** Meta-plugins write a pod's device into every plugin of its network, whether it knows what to do with it or not. */
const DEVICE_KEYS = new Set(['deviceID', 'pciBusID']);

/**
 * Parses one plugin object of a network by a strict schema: CNI lets a plugin refuse keys that it does not know, and
 * a misspelt one must not go unnoticed. Null and empty text count as not given, as they do for the reference plugins.
 *
 * Every leaf of the schema says as its `error` what was expected.
 *
 * @throws ConfigError naming type, field, value and what was expected
 */
export function parseConfig<Schema extends z.ZodMiniObject>(
  type: string,
  schema: Schema,
  raw: Readonly<Record<string, unknown>>,
): z.output<Schema> {
  const { shape } = schema._zod.def;
  const own = Object.fromEntries(
    Object.entries(raw).filter(([key, value]) => isOwn(key, value) && (key in shape || !DEVICE_KEYS.has(key))),
  );
  const parsed = schema.safeParse(own);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue?.code === 'unrecognized_keys' && issue.path.length === 0) {
    throw unknownKey(type, issue.keys[0] ?? '', Object.keys(shape));
  }
  throw configFault(type, fieldText(issue?.path ?? []), valueAt(own, issue?.path ?? []), expectation(issue));
}

/** An error about one value of a plugin's config. */
export function configFault(type: string, field: string, value: unknown, expected: string): ConfigError {
  return new ConfigError(
    'CONFIG_INVALID',
    describeWrongValue({ doing: `use plugin "${type}"`, field: field === '' ? 'config' : field, value, expected }),
    { details: { type, field } },
  );
}

/** An error about a key that the predecessor has and that is not acted on yet. */
export function unsupported(type: string, field: string, value: unknown, expected: string): ConfigError {
  return new ConfigError(
    'CONFIG_UNSUPPORTED',
    `Cannot use plugin "${type}": ${field} is ${JSON.stringify(value)}, which is not supported yet, expected ${expected}`,
    { details: { type, field } },
  );
}

/** Keys with a dot are reserved or private annotations of others (CNI spec, section 1). */
function isOwn(key: string, value: unknown): boolean {
  return value !== null && value !== '' && !COMMON_KEYS.has(key) && !key.includes('.');
}

function unknownKey(type: string, key: string, known: readonly string[]): ConfigError {
  return new ConfigError(
    'CONFIG_INVALID',
    `Cannot use plugin "${type}": key "${key}" is unknown, expected one of ${known.join(', ')}`,
    { details: { type, field: key } },
  );
}

function expectation(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') return `an object without "${issue.keys[0]}"`;
  return issue?.message ?? 'another value';
}

function fieldText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      return index === 0 ? String(part) : `.${String(part)}`;
    })
    .join('');
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}
