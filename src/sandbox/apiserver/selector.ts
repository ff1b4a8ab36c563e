import type { ApiObject } from './api-object.ts';
import { textAt } from './json.ts';
import type { ServedResource } from './served-resource.ts';
import { badRequest } from './status-error.ts';

export type Selector = (object: ApiObject) => boolean;

/** Label selector, equality and set based: `a=b,c!=d,e in (f,g),h notin (i),j,!k`. */
export function parseLabelSelector(text: string): Selector {
  const tests = splitOutsideParentheses(text).map(parseLabelTest);
  return object => tests.every(test => test(object.metadata.labels ?? {}));
}

type LabelTest = (labels: Readonly<Record<string, string>>) => boolean;

function parseLabelTest(term: string): LabelTest {
  const set = /^\s*(\S+)\s+(in|notin)\s*\(([^)]*)\)\s*$/.exec(term);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = new Set(list.split(',').map(value => value.trim()));
    return labels => values.has(labels[key] ?? '\0') === (operator === 'in');
  }
  const comparison = /^\s*([^\s=!<>]+)\s*(==|=|!=|>|<)\s*(\S*)\s*$/.exec(term);
  if (comparison !== null) {
    const [, key = '', operator, value = ''] = comparison;
    switch (operator) {
      case '!=':
        return labels => labels[key] !== value;
      case '>':
        return labels => labels[key] !== undefined && Number(labels[key]) > Number(value);
      case '<':
        return labels => labels[key] !== undefined && Number(labels[key]) < Number(value);
      default:
        return labels => labels[key] === value;
    }
  }
  const presence = /^\s*(!?)\s*([^\s=!<>()]+)\s*$/.exec(term);
  if (presence === null) throw badRequest(`unable to parse requirement: "${term}"`);
  const [, not, key = ''] = presence;
  return labels => (labels[key] !== undefined) === (not === '');
}

/** Field selector: `spec.nodeName=n1,status.phase!=Running`. Fields that the resource does not offer are refused, as on the real server. */
export function parseFieldSelector(resource: ServedResource, text: string): Selector {
  const offered = new Set([
    'metadata.name',
    ...(resource.isNamespaced ? ['metadata.namespace'] : []),
    ...resource.selectableFields,
  ]);
  const tests = splitOutsideParentheses(text).map(term => {
    const match = /^\s*([^\s=!]+)\s*(==|=|!=)\s*(.*?)\s*$/.exec(term);
    if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, field = '', operator, value = ''] = match;
    if (!offered.has(field)) throw badRequest(`field label not supported: ${field}`);
    return (object: ApiObject): boolean => (textAt(object, field) === value) === (operator !== '!=');
  });
  return object => tests.every(test => test(object));
}

/** All of a request's selectors as one. */
export function parseSelectors(resource: ServedResource, query: URLSearchParams): Selector {
  const byLabel = parseLabelSelector(query.get('labelSelector') ?? '');
  const byField = parseFieldSelector(resource, query.get('fieldSelector') ?? '');
  return object => byLabel(object) && byField(object);
}

function splitOutsideParentheses(text: string): readonly string[] {
  return text.split(/,(?![^(]*\))/).filter(term => term.trim() !== '');
}
