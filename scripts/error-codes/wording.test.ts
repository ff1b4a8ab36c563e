import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { findSources } from '../imports/find-sources.ts';

test('messages set what was expected off by a comma, in every room (see describeWrongValue())', async () => {
  const strays: string[] = [];
  for (const file of await findSources()) {
    const lines = (await readFile(file, 'utf8')).split('\n');
    for (const [index, line] of lines.entries()) if (/; expected\b/.test(line)) strays.push(`${file}:${index + 1}`);
  }
  assert.deepEqual(strays, []);
});
