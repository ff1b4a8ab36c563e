import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findNamedTests, hasTitle } from './named-tests.ts';

const ROOT = join(import.meta.dirname, '../..');

for (const page of ['docs/multus-tests.md', 'docs/multus.md', 'docs/spiderpool-tests.md', 'docs/whereabouts.md']) {
  test(`every test that ${page} names is there`, () => {
    const named = findNamedTests(readFileSync(join(ROOT, page), 'utf8'));
    const lost = named.filter(({ file, title }) => {
      const path = join(ROOT, file);
      return !existsSync(path) || (title !== undefined && !hasTitle(readFileSync(path, 'utf8'), title));
    });
    assert.deepEqual(
      lost.map(({ line, file, title = '' }) => `${page}:${line}: ${file} "${title}"`),
      [],
    );
  });
}

test('docs/multus-tests.md names many tests: the reader of its tables works', () => {
  assert.ok(findNamedTests(readFileSync(join(ROOT, 'docs/multus-tests.md'), 'utf8')).length > 60);
});

test('findNamedTests() reads files and titles of the last cell', () => {
  const page =
    '| "a case" `x.test.ts` | `a/b.test.ts` "one", "two ..."; `c.netns.test.ts` (why) |\n`d.test.ts` "no row"';
  assert.deepEqual(findNamedTests(page), [
    { line: 1, file: 'a/b.test.ts' },
    { line: 1, file: 'a/b.test.ts', title: 'one' },
    { line: 1, file: 'a/b.test.ts', title: 'two ...' },
    { line: 1, file: 'c.netns.test.ts' },
  ]);
});

test('hasTitle() looks past quotation and what stands for any text', () => {
  const source = "it('says whose it\\'s, and why', ...); test(`DEL of $(what) twice`)";
  assert.ok(hasTitle(source, "says whose it's, ... why"));
  assert.ok(hasTitle(source, 'DEL of ... twice'));
  assert.ok(!hasTitle(source, 'twice ... DEL'));
});
