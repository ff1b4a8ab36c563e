/** The bundles in dist/lib: ESM, split, so that `--help` never loads what only the agent needs. */
import { existsSync } from 'node:fs';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { leaveOut } from './left-out.ts';

export interface BundleOptions {
  readonly outDir: string;
  readonly version: string;
  readonly hash: string;
}

const ENTRY_POINTS: Readonly<Record<string, string>> = { main: 'src/cli/main.ts', shim: 'src/shim/main.ts' };
const AGENT_ENTRY = 'src/agent/mod.ts';

// CommonJS packages ask for Node's own modules through `require`, which ES modules lack.
const REQUIRE_BANNER =
  "import{createRequire as createBundleRequire}from'node:module';globalThis.require??=createBundleRequire(import.meta.url);";

/** How everything is bundled that ships. */
export const BUNDLE_OPTIONS = {
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunk-[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minify: true,
  // Functions and classes keep their names in stack traces and errors.
  keepNames: true,
  external: ['koffi'],
  plugins: [leaveOut],
  banner: { js: REQUIRE_BANNER },
} satisfies BuildOptions;

/** Writes the bundles. @returns the bytes that starting an agent loads */
export async function bundle({ outDir, version, hash }: BundleOptions): Promise<{ readonly agentBytes: number }> {
  const result = await build({
    entryPoints: Object.fromEntries(Object.entries(ENTRY_POINTS).filter(([, path]) => existsSync(path))),
    outdir: outDir,
    ...BUNDLE_OPTIONS,
    define: { UNDERLANE_VERSION: JSON.stringify(version), UNDERLANE_BUILD: JSON.stringify(hash) },
    metafile: true,
    logLevel: 'warning',
  });
  refuseTestCode(result.metafile);
  return { agentBytes: bytesLoadedBy(AGENT_ENTRY, result.metafile) };
}

/** What only tests may import: their helpers (`testing.ts`, `testing-*.ts`, `fake-*.ts`) and their tools. */
const TEST_CODE = /\.test\.ts$|\/(testing|fake-)[^/]*\.ts$|(^|\/)node_modules\/fast-check\/|^test\//;

/** @throws Error naming the file that got in */
function refuseTestCode({ inputs }: Metafile): void {
  const stray = Object.keys(inputs).find(path => TEST_CODE.test(path));
  if (stray !== undefined) throw new Error(`Cannot ship "${stray}": it is test code, expected only tests to import it`);
}

/** Size of the output made from an entry point and of everything that it imports statically. */
function bytesLoadedBy(entryPoint: string, metafile: Metafile): number {
  const start = Object.keys(metafile.outputs).find(path => metafile.outputs[path]?.entryPoint === entryPoint);
  const seen = new Set<string>(start === undefined ? [] : [start]);
  for (const path of seen) {
    const imports = metafile.outputs[path]?.imports ?? [];
    for (const { kind, path: target } of imports) if (kind === 'import-statement') seen.add(target);
  }
  return [...seen].reduce((sum, path) => sum + (metafile.outputs[path]?.bytes ?? 0), 0);
}
