import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readMarkdown } from './markdown.ts';

const ROOT = join(import.meta.dirname, '../..');
const { rows, links } = readMarkdown(readFileSync(join(ROOT, 'docs/running.md'), 'utf8'));
const sources = ['agent', 'attach', 'controller', 'ipam']
  .flatMap(room => globSync(`src/${room}/**/*.ts`, { cwd: ROOT }))
  .filter(file => !file.endsWith('.test.ts'))
  .map(file => readFileSync(join(ROOT, file), 'utf8'))
  .join('\n');

/** What stands in backquotes in the rows' first cells, without labels. */
const named = rows.flatMap(([cell = '']) => [...cell.matchAll(/`([A-Za-z_]+)[^`]*`/g)].map(([, name = '']) => name));

function found(pattern: RegExp): readonly string[] {
  return [...new Set([...sources.matchAll(pattern)].map(([, name = '']) => name))].sort();
}

test('docs/running.md names every metric that there is, and no other', () => {
  const metrics = found(/'((?:underlane|multus)_[a-z_]+)'/g);
  assert.ok(metrics.length > 10);
  assert.deepEqual(named.filter(name => /^(underlane|multus)_/.test(name)).sort(), metrics);
});

test('docs/running.md names every Event that there is, and none that is not', () => {
  const reasons = found(/'(?:Normal|Warning)',\s*'([A-Z]\w+)'/g);
  const ofNodes = found(/^ {2}\S+: '([A-Z]\w+[a-z][A-Z]\w+)',$/gm);
  assert.ok(reasons.length > 8 && ofNodes.length > 5);
  const events = named.filter(name => /^[A-Z]+[a-z]+[A-Z]/.test(name) || name.startsWith('CNI'));
  assert.deepEqual(
    [...reasons, ...ofNodes].filter(reason => !events.includes(reason)),
    [],
  );
  assert.deepEqual(
    events.filter(event => !sources.includes(`'${event}'`)),
    [],
  );
});

test('docs/running.md links to files that are there', () => {
  assert.deepEqual(
    links.filter(link => globSync(join('docs', link), { cwd: ROOT }).length === 0),
    [],
  );
});
