import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { plugins } from '#plugins';
import { chooseFiles } from '../../test/lab/choose-files.ts';
import { LINK_KINDS } from '../../test/lab/link-kinds.ts';
import { findTestFiles } from '../test/find-test-files.ts';
import { readPinnedSkips } from '../test/pinned-skips.ts';
import { readMarkdown } from './markdown.ts';

const ROOT = join(import.meta.dirname, '../..');
const english = readMarkdown(readFileSync(join(ROOT, 'README.md'), 'utf8'));
const contributing = readMarkdown(readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8'));
const chinese = readMarkdown(readFileSync(join(ROOT, 'README.zh-CN.md'), 'utf8'));

suite('README.md and README.zh-CN.md', () => {
  test('have the same headings, tables and links', () => {
    assert.deepEqual(chinese.headings, english.headings);
    assert.deepEqual(
      chinese.rows.map(row => row.length),
      english.rows.map(row => row.length),
    );
    // Another language orders a sentence in its own way; each begins with the link to the other.
    assert.deepEqual(chinese.links.slice(1).sort(), english.links.slice(1).sort());
  });

  test('name the same commands, files and keys in their text', () => {
    assert.deepEqual(chinese.codes.toSorted(), english.codes.toSorted());
  });

  test('have the same commands and pictures', () => {
    assert.deepEqual(
      chinese.blocks.map(({ text }) => withoutRemarks(text)),
      english.blocks.map(({ text }) => withoutRemarks(text)),
    );
  });

  test('link to files that are there, and so does CONTRIBUTING.md', () => {
    const links = [english, chinese, contributing].flatMap(page => page.links);
    const missing = links.filter(link => !existsSync(join(ROOT, link.split('#')[0] ?? link)));
    assert.deepEqual(missing, []);
  });

  for (const [language, { rows }] of Object.entries({ english, chinese })) {
    test(`claim in ${language} of each NIC that the ring verified it which does`, async () => {
      const claims = Object.fromEntries(rows.flatMap(parseClaim));
      const makers = plugins.map(({ type }) => type).filter(type => type !== MAKES_NOTHING);
      assert.deepEqual(Object.keys(claims).sort(), makers.sort());
      for (const [type, { ring, file }] of Object.entries(claims)) {
        assert.equal(ring, await verifyingRing(type, file), `${type} in ${file}`);
      }
    });
  }
});

/** The plugin that gives a pod nothing, of which there is nothing to verify. */
const MAKES_NOTHING = 'passthru';

/** Words in shell remarks and in the picture's rooms are each language's own. */
function withoutRemarks(text: string): string {
  return text.replaceAll(/ +# .*$/gm, '').replaceAll(/<br\/>.*"\]$/gm, '"]');
}

interface Claim {
  readonly ring: string;
  readonly file: string;
}

/** A line of the table of NICs: plugin, what a pod gets, where that is verified. */
function parseClaim([plugin = '', , verified = '']: readonly string[]): readonly [string, Claim][] {
  const [, type] = /^\[([\w-]+)\]\(src\/plugins\/[\w-]+\/README\.md\)$/.exec(plugin) ?? [];
  const [, ring, file] = /^\[ring (\d)\]\(([^)]+)\)$/.exec(verified) ?? [];
  return type === undefined ? [] : [[type, { ring: ring ?? 'none', file: file ?? '' }]];
}

/** @returns the ring that runs a file's tests of a plugin: 3 where ring 2 may skip them for want of the link kind */
async function verifyingRing(type: string, file: string): Promise<string> {
  const kernelFiles = await findTestFiles(['src'], 'kernel');
  if (!kernelFiles.includes(file)) return 'none';
  const text = readFileSync(join(ROOT, file), 'utf8');
  const titles = [...text.matchAll(/\b(?:test|describe|suite)\(\s*(['"`])(.*?)\1/g)].map(([, , title = '']) => title);
  if (!titles.some(title => title.split(/[^\w-]+/).includes(type))) return 'none';
  const pins = await readPinnedSkips();
  const isSkipped = (pins['2'] ?? []).some(({ because }) => because === `kernel lacks ${type}`);
  if (!isSkipped) return '2';
  assert.equal(pins['3'], undefined, 'ring 3 skips nothing');
  return LINK_KINDS.includes(type) && chooseFiles([{ file, text }], [type]).length > 0 ? '3' : 'none';
}
