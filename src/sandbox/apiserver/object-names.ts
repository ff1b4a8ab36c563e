import type { ResourceRules } from './served-resource.ts';
import type { StatusCause } from './status-error.ts';
import { invalidValue, requiredValue } from './status-error.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const RFC1035_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
/** Consonants and digits: no generated name spells a word. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const ANNOTATIONS_LIMIT_BYTES = 256 * 1024;

/** What is wrong with an object's name: RFC 1123 subdomain for most kinds, label for some. */
export function checkName(
  rule: ResourceRules['nameRule'],
  name: unknown,
  field = 'metadata.name',
): readonly StatusCause[] {
  if (typeof name !== 'string' || name === '') return [requiredValue(field, 'name or generateName is required')];
  switch (rule) {
    case 'path-segment':
      return name === '.' || name === '..' || /[/%]/.test(name)
        ? [invalidValue(field, name, 'may not be "." or "..", or contain "/" or "%"')]
        : [];
    case 'label':
      return matches(
        field,
        name,
        LABEL,
        63,
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'",
      );
    case 'rfc1035-label':
      return matches(
        field,
        name,
        RFC1035_LABEL,
        63,
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with a letter",
      );
    default:
      return matches(
        field,
        name,
        SUBDOMAIN,
        253,
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'",
      );
  }
}

/** What is wrong with labels: qualified keys, values of at most 63 characters. */
export function checkLabels(labels: unknown): readonly StatusCause[] {
  return checkStringMap('metadata.labels', labels).concat(
    entriesOf(labels).flatMap(([key, value]) => [
      ...checkQualifiedKey('metadata.labels', key),
      ...(value === '' || typeof value !== 'string'
        ? []
        : matches(
            'metadata.labels',
            value,
            QUALIFIED_NAME,
            63,
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'",
          )),
    ]),
  );
}

/** What is wrong with annotations: qualified keys, 256 KiB in all. */
export function checkAnnotations(annotations: unknown): readonly StatusCause[] {
  const size = entriesOf(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(value)),
    0,
  );
  const tooLong: StatusCause[] =
    size > ANNOTATIONS_LIMIT_BYTES
      ? [
          {
            reason: 'FieldValueTooLong',
            field: 'metadata.annotations',
            message: `Too long: must have at most ${ANNOTATIONS_LIMIT_BYTES} bytes`,
          },
        ]
      : [];
  const keys = entriesOf(annotations).flatMap(([key]) => checkQualifiedKey('metadata.annotations', key.toLowerCase()));
  return [...checkStringMap('metadata.annotations', annotations), ...keys, ...tooLong];
}

/** `prefix` and five random characters. */
export function generateName(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(5));
  // The real server cuts the prefix so that the result still fits a label.
  return prefix.slice(0, 58) + [...bytes].map(byte => SUFFIX_ALPHABET[byte % SUFFIX_ALPHABET.length]).join('');
}

function checkQualifiedKey(field: string, key: string): readonly StatusCause[] {
  const [name = '', prefix, ...more] = key.split('/').toReversed();
  if (more.length > 0)
    return [invalidValue(field, key, 'a qualified name must be an optional DNS subdomain prefix, a slash and a name')];
  return [
    ...(prefix === undefined
      ? []
      : matches(field, prefix, SUBDOMAIN, 253, 'prefix part must be a lowercase RFC 1123 subdomain')),
    ...matches(field, name, QUALIFIED_NAME, 63, "name part must consist of alphanumeric characters, '-', '_' or '.'"),
  ];
}

function checkStringMap(field: string, map: unknown): StatusCause[] {
  return entriesOf(map)
    .filter(([, value]) => typeof value !== 'string')
    .map(([key, value]) => invalidValue(`${field}.${key}`, value, 'must be a string'));
}

function matches(field: string, text: string, pattern: RegExp, limit: number, why: string): readonly StatusCause[] {
  if (text.length > limit) return [invalidValue(field, text, `must be no more than ${limit} characters`)];
  return pattern.test(text)
    ? []
    : [invalidValue(field, text, `${why} (regex used for validation is '${pattern.source.slice(1, -1)}')`)];
}

function entriesOf(value: unknown): readonly [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
