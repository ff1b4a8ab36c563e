/** npm packages, exactly as the lock file names them. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { architecture, nodeBinary, readStamp } from './platform.mjs';
import { withProgress } from './report.mjs';
import { runStep } from './step.mjs';

const STAMP = '.stamps/npm';

function lockHash() {
  const hash = createHash('sha256').update(architecture());
  for (const file of ['package-lock.json', '.npmrc']) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** Whether node_modules is what the lock file asks for. */
export function areNpmPackagesInstalled() {
  return existsSync(nodeBinary()) && readStamp(STAMP) === lockHash();
}

/** Runs `npm ci` where needed. Interrupted half-way it leaves no stamp, so the next run does it again. */
export async function installNpmPackages() {
  if (areNpmPackagesInstalled()) return;
  rmSync(STAMP, { force: true });
  await withProgress('installing npm packages', () =>
    runStep({ command: npmCommand(['ci', '--loglevel=error']), log: '.stamps/npm.log', isQuiet: false }),
  );
  writeFileSync(STAMP, lockHash());
}

/** The npm that started us, if one did: it need not be on PATH. */
function npmCommand(args) {
  const cli = process.env.npm_execpath;
  return cli?.endsWith('.js') && existsSync(cli) ? [process.execPath, cli, ...args] : ['npm', ...args];
}
