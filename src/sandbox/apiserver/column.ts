import type { ApiObject } from './api-object.ts';
import { isJsonObject, textAt, toText, valueAt } from './json.ts';
import type { Column } from './served-resource.ts';

export const NAME_COLUMN: Column = {
  name: 'Name',
  type: 'string',
  priority: 0,
  description: 'Name must be unique within a namespace.',
  cell: object => object.metadata.name,
};

export const AGE_COLUMN: Column = {
  name: 'Age',
  type: 'string',
  priority: 0,
  description: 'Time since creation.',
  cell: (object, now) => formatAge(object.metadata.creationTimestamp, now),
};

/** A column that shows the value at a dotted path, `<none>` where there is none. */
export function pathColumn(
  name: string,
  path: string,
  options: { readonly type?: Column['type']; readonly priority?: number } = {},
): Column {
  return {
    name,
    type: options.type ?? 'string',
    priority: options.priority ?? 0,
    description: path,
    cell: object => textAt(object, path) || '<none>',
  };
}

/** A column of a CustomResourceDefinition: dates become ages, values keep their type, absent ones stay empty. */
export function customColumn(
  name: string,
  path: string,
  type: Column['type'],
  priority: number,
  description: string,
): Column {
  return {
    name,
    type,
    priority,
    description,
    cell: (object, now) => {
      const value = valueAt(object, path);
      if (value === undefined) return null;
      if (type === 'date') return formatAge(toText(value), now);
      return typeof value === 'object' ? JSON.stringify(value) : value;
    },
  };
}

/** How long ago, in the two coarsest units that still say something: `45s`, `3m10s`, `5h`, `12d`. */
export function formatAge(timestamp: string, now: number): string {
  const seconds = Math.floor((now - Date.parse(timestamp)) / 1000);
  if (Number.isNaN(seconds)) return '<unknown>';
  if (seconds < 0) return '0s';
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's');
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm');
  if (days < 2) return `${hours}h`;
  if (days < 8) return withRest(days, 'd', hours % 24, 'h');
  if (days < 730) return `${days}d`;
  return withRest(Math.floor(days / 365), 'y', days % 365, 'd');
}

function withRest(value: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${value}${unit}` : `${value}${unit}${rest}${restUnit}`;
}

/** A column that a function fills. */
export function computed(
  name: string,
  cell: (object: ApiObject) => unknown,
  type: Column['type'] = 'string',
  priority = 0,
): Column {
  return { name, type, priority, description: name, cell };
}

/** The number at a dotted path, 0 where there is none. */
export function countAt(object: ApiObject, path: string): number {
  return Number(valueAt(object, path) ?? 0);
}

/** `a=b,c=d` */
export function selectorText(selector: unknown): string {
  return isJsonObject(selector)
    ? joined(Object.entries(selector).map(([key, value]) => `${key}=${String(value)}`))
    : '<none>';
}

/** Texts with commas between, `<none>` for none. */
export function joined(texts: readonly string[]): string {
  return texts.length === 0 ? '<none>' : texts.join(',');
}
