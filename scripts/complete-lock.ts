/**
 * Run after every `npm install`: gives each platform package that package-lock.json asks for an entry.
 * A registry mirror that lacks another platform's package makes npm leave the entry out, and then `npm ci` refuses the lock on
 * every platform. The entries say for which system they are, so `npm ci` skips them here without asking the registry.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** The parts of package-lock.json that matter here. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

interface LockEntry {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const OPERATING_SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

/** Optional packages that the lock names as dependencies and has no entry for, with the version asked for. */
export function findMissingPackages(lock: Lock): readonly (readonly [name: string, version: string])[] {
  return Object.values(lock.packages)
    .flatMap(({ optionalDependencies = {} }) => Object.entries(optionalDependencies))
    .filter(([name]) => lock.packages[`node_modules/${name}`] === undefined);
}

/** The lock with an entry for each of them, sorted as npm sorts. */
export function completeLock(lock: Lock): Lock {
  const missing = findMissingPackages(lock).map(
    ([name, version]) => [`node_modules/${name}`, entryFor(name, version)] as const,
  );
  const packages = [...Object.entries(lock.packages), ...missing];
  packages.sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...lock, packages: Object.fromEntries(packages) };
}

function entryFor(name: string, version: string) {
  const words = name.split('/').at(-1)?.split('-') ?? [];
  const os = OPERATING_SYSTEMS.find(word => words.includes(word));
  const cpu = PROCESSORS.find(word => words.includes(word));
  if (os === undefined || cpu === undefined) throw new Error(`Cannot tell the platform of "${name}" by its name`);
  const libc = words.some(word => word.startsWith('musl')) ? { libc: ['musl'] } : {};
  return { version, cpu: [cpu], dev: true, ...libc, optional: true, os: [os] };
}

if (import.meta.main) {
  const path = new URL('../package-lock.json', import.meta.url);
  // npm wrote it.
  const lock = JSON.parse(readFileSync(path, 'utf8')) as Lock;
  writeFileSync(path, `${JSON.stringify(completeLock(lock), undefined, 2)}\n`);
}
