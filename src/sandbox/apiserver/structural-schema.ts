import type { JsonObject } from './json.ts';
import { isJsonObject, isSameJson, objectOr, toText } from './json.ts';
import type { StatusCause } from './status-error.ts';
import { invalidValue, requiredValue } from './status-error.ts';

/**
 * A custom resource's object as its structural schema leaves it: unknown fields dropped unless
 * `x-kubernetes-preserve-unknown-fields`, defaults filled in. Schema-less parts stay as they are.
 */
export function shapeBySchema(value: unknown, schema: JsonObject): unknown {
  if (Array.isArray(value)) {
    const items = objectOr(schema['items']);
    return value.map(item => shapeBySchema(item, items));
  }
  if (!isJsonObject(value)) return value;
  const properties = objectOr(schema['properties']);
  const additional = schema['additionalProperties'];
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true || additional === true;
  const result: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    const known = properties[key];
    if (isJsonObject(known)) result[key] = shapeBySchema(field, known);
    else if (isJsonObject(additional)) result[key] = shapeBySchema(field, additional);
    else if (keepsUnknown) result[key] = field;
  }
  for (const [key, property] of Object.entries(properties)) {
    const fallback = objectOr(property)['default'];
    if (fallback !== undefined && result[key] === undefined) result[key] = shapeBySchema(fallback, objectOr(property));
  }
  return result;
}

/** What in `value` breaks the schema: types, required, enum, pattern and the bounds. CEL rules and formats are not looked at. */
export function checkSchema(value: unknown, schema: JsonObject, field = ''): readonly StatusCause[] {
  if (value === null)
    return schema['nullable'] === true
      ? []
      : [invalidValue(field, value, `must be of type ${toText(schema['type'])}: "null"`)];
  const wrong = checkType(value, schema, field);
  if (wrong !== undefined) return [wrong];
  const choices = schema['enum'];
  const own: StatusCause[] = [];
  if (Array.isArray(choices) && !choices.some(choice => isSameJson(choice, value))) {
    const supported = choices.map(choice => JSON.stringify(choice)).join(', ');
    own.push({
      reason: 'FieldValueNotSupported',
      field,
      message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`,
    });
  }
  if (typeof value === 'string') own.push(...checkText(value, schema, field));
  if (typeof value === 'number') own.push(...checkBounds(value, schema, field, ['minimum', 'maximum']));
  if (Array.isArray(value)) {
    own.push(...checkBounds(value.length, schema, field, ['minItems', 'maxItems']));
    const items = objectOr(schema['items']);
    own.push(...value.flatMap((item, index) => checkSchema(item, items, `${field}[${index}]`)));
  } else if (isJsonObject(value)) own.push(...checkFields(value, schema, field));
  return own;
}

function checkFields(value: JsonObject, schema: JsonObject, field: string): readonly StatusCause[] {
  const properties = objectOr(schema['properties']);
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const at = (key: string): string => (field === '' ? key : `${field}.${key}`);
  return [
    ...required.filter(key => value[key] === undefined).map(key => requiredValue(at(key))),
    ...Object.entries(value).flatMap(([key, item]) => {
      const known = properties[key] ?? schema['additionalProperties'];
      return isJsonObject(known) && item !== undefined ? checkSchema(item, known, at(key)) : [];
    }),
  ];
}

function checkType(value: unknown, schema: JsonObject, field: string): StatusCause | undefined {
  const type = schema['type'];
  if (schema['x-kubernetes-int-or-string'] === true) {
    return typeof value === 'string' || Number.isInteger(value)
      ? undefined
      : invalidValue(field, value, 'must be an integer or a string');
  }
  const isRight =
    type === undefined ||
    (type === 'object' && isJsonObject(value)) ||
    (type === 'array' && Array.isArray(value)) ||
    (type === 'integer' && Number.isInteger(value)) ||
    (type === 'number' && typeof value === 'number') ||
    (type === 'string' && typeof value === 'string') ||
    (type === 'boolean' && typeof value === 'boolean');
  if (isRight) return undefined;
  const actual = Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
  return {
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${JSON.stringify(actual)}: ${field} in body must be of type ${toText(type)}: ${JSON.stringify(actual)}`,
  };
}

function checkText(value: string, schema: JsonObject, field: string): readonly StatusCause[] {
  const { pattern } = schema;
  const bounds = checkBounds(Array.from(value).length, schema, field, ['minLength', 'maxLength']);
  const isMatch = typeof pattern !== 'string' || new RegExp(pattern, 'u').test(value);
  return isMatch
    ? bounds
    : [...bounds, invalidValue(field, value, `${field} in body should match '${String(pattern)}'`)];
}

function checkBounds(
  size: number,
  schema: JsonObject,
  field: string,
  [low, high]: readonly [string, string],
): readonly StatusCause[] {
  const [min, max] = [schema[low], schema[high]];
  if (typeof min === 'number' && size < min)
    return [invalidValue(field, size, `${field} in body should be greater than or equal to ${min}`)];
  if (typeof max === 'number' && size > max)
    return [invalidValue(field, size, `${field} in body should be less than or equal to ${max}`)];
  return [];
}
