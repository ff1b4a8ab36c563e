import { isJsonObject } from '#base';

/** JSON as schemas are written in. */
type Json = Readonly<Record<string, unknown>>;

/**
 * Turns a JSON schema into what a CRD takes (structural schema): no closed objects, since the API server prunes unknown
 * fields itself, unless the object is a loose one, and `metadata` only as an object, since the API server has its own schema for it.
 */
export function toStructuralSchema(schema: Json, description: string): Json {
  const clean = cleanSchema(schema);
  const properties = isJsonObject(clean['properties']) ? clean['properties'] : {};
  const { required: _, ...rest } = clean;
  const required = requiredOf(clean);
  return {
    description,
    ...rest,
    properties: { ...properties, metadata: { type: 'object' } },
    ...(required.length === 0 ? {} : { required }),
  };
}

/** `metadata` is always there: listing it would only repeat that. */
function requiredOf(schema: Json): readonly unknown[] {
  return Array.isArray(schema['required']) ? schema['required'].filter(name => name !== 'metadata') : [];
}

function cleanSchema(schema: Json): Json {
  const entries = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    // A closed object is not structural together with properties; `$schema` and `id` belong to JSON schema files.
    if (key === '$schema' || key === 'id' || (key === 'additionalProperties' && !isJsonObject(value))) return [];
    if (key === 'additionalProperties' && isAnything(value)) return [['x-kubernetes-preserve-unknown-fields', true]];
    if (key === 'properties' && isJsonObject(value)) return [[key, mapValues(value)]];
    if ((key === 'items' || key === 'additionalProperties') && isJsonObject(value)) return [[key, cleanSchema(value)]];
    return [[key, value]];
  });
  return Object.fromEntries(entries);
}

/** A schema that lets everything through, as that of a loose object's other fields does. */
function isAnything(value: unknown): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}

function mapValues(properties: Json): Json {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, isJsonObject(schema) ? cleanSchema(schema) : schema]),
  );
}
