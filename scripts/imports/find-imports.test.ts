import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findImports } from './find-imports.ts';

test('findImports() finds every form, with its line and names', () => {
  const source = [
    "import { a, type B, c as d } from '#x';",
    "import type { T } from '#y';",
    "import {\n  type U,\n  type V,\n} from './v.ts';",
    "import './effect.ts';",
    "export { z } from './z.ts';",
    "const late = await import('./late.ts');",
  ].join('\n');
  const found = findImports(source).map(({ specifier, line, isTypeOnly, names }) => [
    specifier,
    line,
    isTypeOnly,
    names,
  ]);
  assert.deepEqual(found, [
    ['#x', 1, false, ['a', 'c']],
    ['#y', 2, true, []],
    ['./v.ts', 3, true, []],
    ['./z.ts', 8, false, ['z']],
    ['./effect.ts', 7, false, []],
    ['./late.ts', 9, false, []],
  ]);
});

test('findImports() sees nothing in comments and in the text of strings', () => {
  const source =
    "/**\n import { a } from '#a';\n*/\n// import { b } from '#b';\nconst text = `it is imported from 'x'`;";
  assert.deepEqual(findImports(source), []);
});
