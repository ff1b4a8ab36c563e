import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod/mini';
import { formatIssues } from './format-issues.ts';

function sentence(schema: z.ZodMiniType, input: unknown): string {
  const parsed = schema.safeParse(input, { reportInput: true });
  assert.ok(parsed.error);
  return formatIssues('thing "x"', parsed.error);
}

test('formatIssues() names object, path, value and what was expected', () => {
  const text = z.string();
  const cases: readonly [z.ZodMiniType, unknown, string][] = [
    [text, 5, 'the object is 5, expected a string'],
    [z.object({ a: text }), {}, 'a is missing, expected a string'],
    [z.object({ a: z.array(text) }), { a: ['x', 1] }, 'a[1] is 1, expected a string'],
    [z.object({ a: z.object({ b: z.boolean() }) }), { a: { b: 'yes' } }, 'a.b is "yes", expected true or false'],
    [z.object({ a: z.enum(['x', 'y']) }), { a: 'z' }, 'a is "z", expected one of "x", "y"'],
    [z.object({ a: z.literal('x') }), { a: 'z' }, 'a is "z", expected "x"'],
    [z.object({ a: z.int().check(z.gte(0)) }), { a: -1 }, 'a is -1, expected at least 0'],
    [z.object({ a: text.check(z.maxLength(2)) }), { a: 'abc' }, 'a is "abc", expected at most 2 characters'],
    [z.object({ a: text.check(z.regex(/^x/)) }), { a: 'y' }, 'a is "y", expected text that matches /^x/'],
    [z.object({ a: z.string({ error: 'an address' }) }), { a: null }, 'a is null, expected an address'],
    [z.object({ a: z.union([text, z.number()]) }), { a: true }, 'a is true, expected a string or a number'],
    [z.strictObject({ a: z.optional(text) }), { b: 1 }, 'the object has unknown field "b", expected only known ones'],
  ];
  for (const [schema, input, expected] of cases) {
    assert.equal(sentence(schema, input), `Cannot use thing "x": ${expected}`);
  }
});

test('formatIssues() shows the first findings of very many', () => {
  const message = sentence(
    z.array(z.string()),
    Array.from({ length: 50_000 }, (_, index) => index),
  );
  assert.match(message, /: \[0\] is 0, expected a string; .*; \[9\] is 9, expected a string; and 49990 more$/);
});

test('formatIssues() joins several findings and cuts long values', () => {
  assert.equal(
    sentence(z.object({ a: z.number(), b: z.number() }), { a: 'x'.repeat(200) }),
    `Cannot use thing "x": a is "${'x'.repeat(79)}..., expected a number; b is missing, expected a number`,
  );
});
