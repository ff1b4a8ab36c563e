import { type LabelSelector, matchesLabels } from '#api';
import { listAt, objectOr, textAt, toText, valueAt } from './json.ts';

/** Whether a selector object (`matchLabels`, `matchExpressions`) takes these labels. An empty one, and none, takes all. */
export function selects(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  return matchesLabels(readLabelSelector(selector), labels);
}

function readLabelSelector(selector: unknown): LabelSelector {
  const matchLabels = Object.entries(objectOr(valueAt(selector, 'matchLabels')));
  return {
    matchLabels: Object.fromEntries(matchLabels.map(([key, value]) => [key, toText(value)])),
    matchExpressions: listAt(selector, 'matchExpressions').map(expression => ({
      key: textAt(expression, 'key'),
      operator: textAt(expression, 'operator'),
      values: listAt(expression, 'values').map(toText),
    })),
  };
}
