/** The machine's own programs that the sandbox and the tests call, and the Debian packages they come in. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { findProgram } from './platform.mjs';
import { fail, say, withProgress } from './report.mjs';
import { runStep } from './step.mjs';

const TOOLS = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
  ip: 'iproute2',
  nft: 'nftables',
};

/** Debian packages whose programs are missing here. */
export function findMissingTools() {
  const missing = Object.keys(TOOLS).filter(tool => findProgram(tool) === undefined);
  return [...new Set(missing.map(tool => TOOLS[tool]))];
}

/** Installs the missing tools as root; for anybody else ends the process with the one line that does it. */
export async function installMissingTools() {
  const missing = findMissingTools();
  if (missing.length === 0) return;
  if (!canInstall() || !(await installPackages(missing))) {
    fail(`Missing Debian packages, as root run: apt-get install ${missing.join(' ')}`);
  }
}

/** A C compiler that makes small static programs, or undefined. */
export function findCompiler() {
  return ['musl-gcc', 'gcc'].find(name => findProgram(name) !== undefined);
}

/** Tries to get a compiler; goes on without one, saying how to get it. The build says what going without costs. */
export async function ensureCompiler() {
  if (findCompiler() !== undefined) return;
  if (canInstall() && (await installPackages(['musl-tools']))) return;
  say('Missing a C compiler, which is no must, as root run: apt-get install musl-tools');
}

/** Tries to get the packages of files that a job can do without; says which are missing. */
export async function installWantedFiles(wants) {
  const missing = Object.keys(wants).filter(path => !existsSync(path));
  const packages = [...new Set(missing.map(path => wants[path]))];
  if (packages.length === 0 || (canInstall() && (await installPackages(packages)))) return;
  say(`Warning: not all of it can run, as root run: apt-get install ${packages.join(' ')}`);
}

/** Installs packages. @returns whether that worked; the whole output is in .stamps/apt.log */
async function installPackages(packages) {
  const install = () => aptGet('install', '-y', '--no-install-recommends', ...packages);
  return withProgress(`installing Debian packages (${packages.join(' ')})`, async () => {
    if (!hasPackageLists()) await aptGet('update');
    if (await install()) return true;
    // Lists older than the archive name files that are gone.
    if ((await aptGet('update')) && (await install())) return true;
    say('Warning: apt-get failed, its output is in .stamps/apt.log');
    return false;
  });
}

function canInstall() {
  return process.getuid?.() === 0 && findProgram('apt-get') !== undefined;
}

function aptGet(...args) {
  mkdirSync('.stamps', { recursive: true });
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return runStep({ command: ['apt-get', ...args], log: '.stamps/apt.log', mayFail: true, env });
}

function hasPackageLists() {
  try {
    return readdirSync('/var/lib/apt/lists').some(name => name.includes('_Packages'));
  } catch {
    return false;
  }
}
