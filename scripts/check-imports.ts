/** Checks that rooms import each other only through their doors and only downwards. Prints one line for each import that does not. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findImports } from './imports/find-imports.ts';
import { findSources } from './imports/find-sources.ts';
import { judgeImport } from './imports/judge-import.ts';

process.chdir(join(import.meta.dirname, '..'));
let problems = 0;
for (const file of await findSources()) {
  for (const found of findImports(await readFile(file, 'utf8'))) {
    const problem = judgeImport(file, found);
    if (problem === undefined) continue;
    problems++;
    process.stdout.write(`${file}:${found.line}: ${problem}\n`);
  }
}
process.exitCode = problems === 0 ? 0 : 1;
