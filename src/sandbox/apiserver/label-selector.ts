import type { JsonObject } from './json.ts';
import { listAt, objectOr, textAt, valueAt } from './json.ts';

/** Whether a selector object (`matchLabels`, `matchExpressions`) takes these labels. An empty one, and none, takes all. */
export function selects(selector: unknown, labels: JsonObject): boolean {
  const wanted = Object.entries(objectOr(valueAt(selector, 'matchLabels')));
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    listAt(selector, 'matchExpressions').every(expression => meets(expression, labels))
  );
}

function meets(expression: unknown, labels: JsonObject): boolean {
  const value = labels[textAt(expression, 'key')];
  const values = listAt(expression, 'values');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
