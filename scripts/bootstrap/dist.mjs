/** dist/, rebuilt when what it is made of has changed. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureCompiler, findCompiler } from './debian.mjs';
import { architecture, nodeBinary, readStamp } from './platform.mjs';
import { withProgress } from './report.mjs';
import { runStep } from './step.mjs';

const STAMP = '.stamps/dist';
const INPUTS = [
  'src',
  'shim',
  'deploy',
  'examples',
  'scripts/build',
  'scripts/build.ts',
  'package.json',
  'package-lock.json',
];

/** Whether dist/ is made of the sources as they are now, with the compiler that there is now. */
export function isBuilt() {
  if (!existsSync('dist/bin/underlane')) return false;
  const [hash, shim] = (readStamp(STAMP) ?? '').split(' ');
  return hash === inputHash() && (shim === 'c' || findCompiler() === undefined);
}

/** Builds dist/ where needed. The old one stays whole until the new one takes its place. */
export async function buildDist() {
  if (isBuilt()) return;
  mkdirSync('.stamps', { recursive: true });
  rmSync(STAMP, { force: true });
  await ensureCompiler();
  const hash = inputHash();
  const command = [nodeBinary(), 'scripts/build.ts', '--hash', hash.slice(0, 12)];
  await withProgress('building dist/', () => runStep({ command, log: '.stamps/build.log', isQuiet: false }));
  writeFileSync(STAMP, `${hash} ${findCompiler() === undefined ? 'js' : 'c'}`);
}

function inputHash() {
  const hash = createHash('sha256').update(architecture());
  for (const path of INPUTS.flatMap(listFiles).sort()) hash.update(`${path}\0`).update(readFileSync(path));
  return hash.digest('hex');
}

/** The files at or below a path; tests are no part of what is built. */
function listFiles(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (stats.isFile()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && !entry.name.includes('.test.'))
    .map(entry => join(entry.parentPath ?? entry.path, entry.name));
}
