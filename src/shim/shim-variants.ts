import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** For tests: one way to have the shim. */
export interface ShimVariant {
  readonly name: 'musl' | 'nolibc' | 'twin';
  /** Why it cannot be had here. */
  readonly missing?: string;
  /** Puts the program at `path`. */
  readonly install: (path: string) => void;
}

export interface ShimRun {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** What writing its stdin came to, for who looks at it. */
  readonly stdinProblem: string | undefined;
}

/** Builds each variant once, into `dir`. */
export function buildShimVariants(dir: string): readonly ShimVariant[] {
  return [buildInC('musl', dir), buildInC('nolibc', dir), bundleTwin(dir)];
}

/** CommonJS packages ask for Node's own modules through `require`, which ES modules lack. */
const REQUIRE_BANNER =
  "import{createRequire as createBundleRequire}from'node:module';globalThis.require??=createBundleRequire(import.meta.url);";

/** In one file, as it ships: read as it is in the source tree it takes ten times as long to start. */
function bundleTwin(dir: string): ShimVariant {
  const bundle = join(dir, 'twin.mjs');
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  buildSync({
    entryPoints: [main],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: REQUIRE_BANNER },
    logLevel: 'error',
  });
  return {
    name: 'twin',
    install(path) {
      writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${bundle}' "\${0##*/}" "$@"\n`);
      chmodSync(path, 0o755);
    },
  };
}

function buildInC(name: 'musl' | 'nolibc', dir: string): ShimVariant {
  const out = join(dir, `shim-${name}`);
  const script = fileURLToPath(new URL('../../shim/build.sh', import.meta.url));
  const built: SpawnSyncReturns<string> = spawnSync('sh', [script, out, name], { encoding: 'utf8' });
  if (built.status !== 0 && built.status !== 3) throw new Error(`Cannot build the ${name} shim: ${built.stderr}`);
  const install = (path: string): void => copyFileSync(out, path);
  return { name, install, ...(built.status === 3 && { missing: `no compiler for the ${name} variant of the C shim` }) };
}

/** A folder of its own for one test, with the shim under the given name in it. */
export function newShimDir(root: string, variant: ShimVariant, plugin: string): string {
  const dir = mkdtempSync(join(root, `${variant.name}-`));
  mkdirSync(join(dir, 'bin'));
  variant.install(join(dir, 'bin', plugin));
  return dir;
}

/** Execs the shim as a runtime does, in `dir`, with exactly the given environment. */
export function runShimIn(dir: string, plugin: string, env: readonly string[], stdin: Uint8Array): Promise<ShimRun> {
  const pairs = env.map(entry => entry.split(/=(.*)/s).slice(0, 2));
  const child = spawn(join(dir, 'bin', plugin), [], { cwd: dir, env: Object.fromEntries(pairs), stdio: 'pipe' });
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  let stdinProblem: string | undefined;
  child.stdin.on('error', error => {
    stdinProblem = error.message;
  });
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', exitCode => resolve({ exitCode, stdout: Buffer.concat(stdout), stderr, stdinProblem }));
  });
}
