import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatErrorPage } from './format-error-page.ts';

test('docs/errors.md lists every code (else run: node scripts/generate-errors.ts)', async () => {
  assert.equal(readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8'), await formatErrorPage());
});

test('formatErrorPage() gives the number that a runtime gets', async () => {
  const page = await formatErrorPage();
  assert.match(page, /^\| `NETWORK_NOT_FOUND` \| 7 \|/m);
  assert.match(page, /^\| `CNI_TRY_AGAIN_LATER` \| 11 \|/m);
  assert.match(page, /^\| `POOL_EXHAUSTED` \| 999 \|/m);
});
