#!/usr/bin/env node
/**
 * Front door of `npm start|test|build|bench|soak`: makes the checkout ready (packages, tools, build), then runs the job.
 * Plain JavaScript without packages, because it runs before there are any, on whatever Node (18 or newer) the machine has.
 * Everything that set-up says goes to stderr: stdout belongs to the job.
 */
import { fileURLToPath } from 'node:url';
import { findMissingTools, installMissingTools, installWantedFiles } from './bootstrap/debian.mjs';
import { buildDist, isBuilt } from './bootstrap/dist.mjs';
import { runJob } from './bootstrap/job.mjs';
import { runLocked } from './bootstrap/lock.mjs';
import { areNpmPackagesInstalled, installNpmPackages } from './bootstrap/npm.mjs';
import { nodeBinary, toolPath } from './bootstrap/platform.mjs';
import { fail, say } from './bootstrap/report.mjs';

const JOBS = {
  start: { needsTools: true, command: args => ['dist/bin/underlane', 'sandbox', ...args] },
  test: { needsTools: true, command: args => [nodeBinary(), 'scripts/test.ts', ...args] },
  bench: {
    needsTools: true,
    wants: {
      '/usr/lib/cni/macvlan': 'containernetworking-plugins',
      '/usr/bin/gcc': 'gcc',
      '/usr/include/stdio.h': 'libc6-dev',
    },
    command: args => [nodeBinary(), 'bench/attach.ts', ...args],
  },
  soak: { needsTools: false, command: args => [nodeBinary(), 'scripts/soak.ts', ...args] },
  build: { needsTools: false, command: undefined },
};

/** Under the lock: whatever is not ready yet. The tools first: who cannot install them hears it at once. */
async function setUp(job) {
  if (job.needsTools) await installMissingTools();
  await installNpmPackages();
  await buildDist();
}

async function main() {
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  process.env.PATH = toolPath();
  const [first = '', ...rest] = process.argv.slice(2);
  const isSetUp = first === '--set-up';
  const name = isSetUp ? rest[0] : first;
  const job = Object.hasOwn(JOBS, name) ? JOBS[name] : undefined;
  if (job === undefined) fail(`Unknown job "${name}": expected one of ${Object.keys(JOBS).join(', ')}`, 2);
  if (isSetUp) return setUp(job);

  const isReady = areNpmPackagesInstalled() && (!job.needsTools || findMissingTools().length === 0) && isBuilt();
  if (!isReady) await runLocked([process.execPath, 'scripts/bootstrap.mjs', '--set-up', name]);
  if (job.wants !== undefined) await installWantedFiles(job.wants);
  if (job.command === undefined) return say(isReady ? 'dist/ is up to date' : 'dist/ is ready');
  await runJob(job.command(rest));
}

await main();
