import type { z } from 'zod/mini';
import { showValue } from '#base';
import { formatPath } from './format-path.ts';
import type { ObjectProblem } from './object-problem.ts';

/** Anything that a zod parse reports; pass `reportInput: true` to the parse, else values are not known here. */
type Issue = z.core.$ZodIssue;

/**
 * A sentence for what a schema found wrong: the object, each field, its value and what was expected.
 *
 * `Cannot use IPAllocation "lan-10.0.0.5": spec.owner.slot is -1, expected at least 0; spec.node is missing, expected a string`
 *
 * A schema's own `error` text counts as the expectation: `z.string({ error: 'an address like 10.0.0.5' })`.
 */
export function formatIssues(object: string, error: { readonly issues: readonly Issue[] }): string {
  const shown = error.issues.slice(0, SHOWN).map(formatIssue).join('; ');
  const more = error.issues.length - SHOWN;
  return `Cannot use ${object}: ${shown}${more > 0 ? `; and ${more} more` : ''}`;
}

/** As many findings as a sentence holds: a list of 50,000 wrong items has as many. */
const SHOWN = 10;

/** What a schema found wrong, field by field. */
export function problemsOf(error: { readonly issues: readonly Issue[] }): readonly ObjectProblem[] {
  return error.issues.map(issue => ({
    path: issue.path.map(key => (typeof key === 'number' ? key : String(key))),
    message: formatIssue(issue),
  }));
}

function formatIssue(issue: Issue): string {
  const path = formatPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const fields = issue.keys.map(key => `"${key}"`).join(', ');
    return `${path} has unknown ${issue.keys.length === 1 ? 'field' : 'fields'} ${fields}, expected only known ones`;
  }
  return `${path} is ${showValue(issue.input)}, expected ${expectation(issue)}`;
}

function expectation(issue: Issue): string {
  // Without a locale zod says only this; anything else was written for the field.
  if (issue.message !== 'Invalid input') return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return named(issue.expected);
    case 'invalid_value':
      return issue.values.length === 1
        ? JSON.stringify(issue.values[0])
        : `one of ${issue.values.map(value => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_format':
      return issue.pattern === undefined ? `text in ${issue.format} format` : `text that matches ${issue.pattern}`;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return [...new Set(issue.errors.flat().map(expectation))].join(' or ') || 'another value';
    default:
      return 'another value';
  }
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ['string', 'a string'],
  ['number', 'a number'],
  ['int', 'an integer'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
  ['record', 'an object'],
]);

function named(type: string): string {
  return NAMES.get(type) ?? type;
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' items' : '';
}
