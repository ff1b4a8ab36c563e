import { isJsonObject, type JsonObject } from '#base';

export type { JsonObject };
export { isJsonObject };

/** The value if it is an object, else an empty one: for optional parts such as `metadata.labels`. */
export function objectOr(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/**
 * The value at a dotted path (`spec.nodeName`, `.status.conditions[0].type`, `.metadata.labels['example\\.com/a']`), undefined
 * where a step is missing.
 */
export function valueAt(root: unknown, path: string): unknown {
  let value: unknown = root;
  for (const [, quoted, plain = ''] of path.matchAll(/\['((?:[^'\\]|\\.)*)'\]|([^.[\]]+)/g)) {
    const key = quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, '$1');
    if (Array.isArray(value)) value = value[Number(key)];
    else if (isJsonObject(value)) value = value[key];
    else return undefined;
  }
  return value;
}

/** The list at a dotted path, empty where there is none. */
export function listAt(root: unknown, path: string): readonly unknown[] {
  return listOr(valueAt(root, path));
}

/** The value if it is a list, else an empty one. */
export function listOr(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The string at a dotted path; the empty string where there is none, as selectors and tables want it. */
export function textAt(root: unknown, path: string): string {
  const value = valueAt(root, path);
  return toText(value);
}

/** A scalar as text, anything else as JSON; the empty string for nothing. */
export function toText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Whether two JSON values are the same, whatever the order of their keys. An undefined field counts as absent. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isSameJson(item, b[index]));
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every(key => isSameJson(a[key], b[key]));
}

/** The object without undefined fields. */
export function compact(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
