/** Draws the rooms' imports into the pages that show them. With --check it only says which pages are out of date. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRoomGraph } from './docs/room-graph.ts';
import { formatRoomPicture, putRoomPicture } from './docs/room-picture.ts';
import type { Language } from './docs/room-words.ts';

const PAGES: readonly { readonly page: string; readonly language: Language }[] = [
  { page: 'README.md', language: 'en' },
  { page: 'README.zh-CN.md', language: 'zh' },
  { page: 'docs/design/overview.md', language: 'en' },
];

process.chdir(join(import.meta.dirname, '..'));
const isCheck = process.argv.includes('--check');
const edges = await readRoomGraph();
for (const { page, language } of PAGES) {
  const text = await readFile(page, 'utf8');
  const wanted = putRoomPicture(text, formatRoomPicture(edges, language));
  if (wanted === text) continue;
  if (!isCheck) {
    await writeFile(page, wanted);
    continue;
  }
  process.stdout.write(`${page}: its picture is not what src/ imports: run node scripts/generate-room-picture.ts\n`);
  process.exitCode = 1;
}
