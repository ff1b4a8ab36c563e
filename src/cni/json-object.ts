import { describeWrongValue, isJsonObject, type JsonObject, messageOf } from '#base';
import { CniError, type CniErrorCode } from './errors.ts';

export type { JsonObject };
export { isJsonObject };

/** @throws CniError CNI_DECODING_FAILURE naming the source and what the parser met */
export function parseJson(text: string, source: string): unknown {
  try {
    return parseShallowJson(text);
  } catch (error) {
    const met = text.trim() === '' ? 'it is empty' : messageOf(error);
    throw new CniError('CNI_DECODING_FAILURE', `Cannot use ${source}: not JSON: ${met}`, {
      cause: error,
      details: { source },
    });
  }
}

/** JSON that people write ends at ten or so. */
const MAX_DEPTH = 100;

/**
 * JSON.parse() of a text that is not nested too deep: what reads, compares or prints a value goes down into it, and must
 * not run out of stack there.
 * @throws SyntaxError
 */
export function parseShallowJson(text: string): unknown {
  let depth = 0;
  let isInString = false;
  // One pass without a pattern: on a text made for it, a pattern would go back and forth for minutes.
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (isInString && character === '\\') index++;
    else if (character === '"') isInString = !isInString;
    else if (!isInString && (character === '[' || character === '{')) depth++;
    else if (!isInString && (character === ']' || character === '}')) depth--;
    if (depth > MAX_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH} levels`);
  }
  return JSON.parse(text);
}

/** Where a value stands, for errors: `NetworkAttachmentDefinition "ns/x": plugins[0].type`. */
export interface Field {
  readonly source: string;
  readonly path: string;
  readonly code: CniErrorCode;
}

/** The error for a field that holds something else than expected. */
export function fieldError(field: Field, value: unknown, expected: string): CniError {
  const message = describeWrongValue({ doing: `use ${field.source}`, field: field.path, value, expected });
  return new CniError(field.code, message, { details: { source: field.source, field: field.path } });
}

/** A text, or undefined when it is absent, null or "" (Go programs print unset fields so). */
export function optionalString(value: unknown, field: Field): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw fieldError(field, value, 'a string');
  return value;
}

/** An object, or undefined when it is absent or null. */
export function optionalObject(value: unknown, field: Field): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw fieldError(field, value, 'an object');
  return value;
}

/** A list, empty when it is absent or null. */
export function optionalList(value: unknown, field: Field): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw fieldError(field, value, 'a list');
  return value;
}

/** A list of texts, empty when it is absent or null. */
export function optionalStrings(value: unknown, field: Field): readonly string[] {
  return optionalList(value, field).map((item, index) => {
    if (typeof item !== 'string') throw fieldError({ ...field, path: `${field.path}[${index}]` }, item, 'a string');
    return item;
  });
}

/** A whole number of at least 0, or undefined when it is absent or null. */
export function optionalCount(value: unknown, field: Field): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw fieldError(field, value, 'a whole number of at least 0');
  }
  return value;
}
