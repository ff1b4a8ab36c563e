import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { loadLint } from '#attach';
import { plugins } from '#plugins';
import { formatErrorPage } from '../error-codes/format-error-page.ts';
import { readMarkdown } from './markdown.ts';
import { collectThrownCodes } from './thrown-codes.ts';

const ROOT = join(import.meta.dirname, '../..');
const PLUGIN_PAGES = plugins.map(({ type }) => `src/plugins/${type}/README.md`);
const DIALECT_PAGES = globSync('src/ipam/dialects/*.md', { cwd: ROOT }).sort();

/** The parts that every page has, in this order; between configuration and result it may have more. */
const PLUGIN_PARTS = [
  'Synopsis',
  'Configuration',
  'Result',
  'State in the kernel',
  'Errors',
  /^Differences from /,
  'See also',
];
const DIALECT_PARTS = PLUGIN_PARTS.map(part => (part === 'State in the kernel' ? 'State' : part));

suite('the manual page', () => {
  for (const page of [...PLUGIN_PAGES, ...DIALECT_PAGES]) {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const { blocks, links, rows } = readMarkdown(text);

    test(`${page} has every part of a manual page`, () => {
      const titles = [...text.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title);
      const wanted = PLUGIN_PAGES.includes(page) ? PLUGIN_PARTS : DIALECT_PARTS;
      const places = wanted.map(part =>
        titles.findIndex(title => (typeof part === 'string' ? title === part : part.test(title))),
      );
      assert.ok(!places.includes(-1), `${page} has ${titles.join(', ')}`);
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
      );
    });

    test(`${page} shows networks in which lint finds nothing to say`, async () => {
      const { lintText } = await loadLint();
      const manifests = blocks.filter(({ language }) => ['yaml', 'json'].includes(language));
      assert.ok(manifests.length > 0);
      for (const manifest of manifests) {
        const { findings, networks } = lintText(manifest.text);
        assert.deepEqual(findings, []);
        assert.equal(networks.length, 1);
      }
    });

    test(`${page} links to pages that are there`, () => {
      assert.deepEqual(
        links.filter(link => !existsSync(join(ROOT, page, '..', link))),
        [],
      );
    });

    test(`${page} names errors that there are`, async () => {
      const documented = codesOf(rows);
      assert.ok(documented.length > 0);
      const page = await formatErrorPage();
      assert.deepEqual(
        documented.filter(code => !page.includes(`| \`${code}\` |`)),
        [],
      );
    });
  }

  for (const { type } of plugins) {
    test(`src/plugins/${type}/README.md names the errors that the plugin throws, and none that it cannot`, async () => {
      const { rows } = readMarkdown(readFileSync(join(ROOT, `src/plugins/${type}/README.md`), 'utf8'));
      const documented = codesOf(rows).filter(code => !ATTACH_CODES.includes(code));
      const { own, reachable } = await collectThrownCodes(join(ROOT, `src/plugins/${type}/mod.ts`));
      const impossible = documented.filter(code => !reachable.has(code));
      const missing = [...own].filter(code => !documented.includes(code));
      assert.deepEqual({ impossible, missing }, { impossible: [], missing: [] });
    });
  }
});

/** Those that the pipeline and the wiring throw in a plugin's name. */
const ATTACH_CODES = ['NETWORK_CONFIG', 'KERNEL_LACKS', 'DEVICE_HELD', 'APPLY_FAILED'];

/** First cells that are nothing but a code. */
function codesOf(rows: readonly (readonly string[])[]): readonly string[] {
  return rows.flatMap(([cell = '']) => /^`([A-Z][A-Z_]+)`$/.exec(cell)?.[1] ?? []);
}
