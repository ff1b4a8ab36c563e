/**
 * Builds dist/: a folder that runs wherever it is copied, with its own Node and nothing else from this checkout.
 *
 *   dist/bin/underlane   the program, `dist/bin/node` what runs it
 *   dist/cni/*           what a container runtime executes
 *   dist/lib/            bundles, with koffi's binary beside them
 *   dist/share/          CRDs, examples, build.json
 */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from './build/bundle.ts';
import { buildCniPrograms } from './build/cni-programs.ts';
import { copyKoffi } from './build/koffi.ts';
import { writeLauncher } from './build/launcher.ts';
import { copyShare } from './build/share.ts';
import { readVersion } from './build/version.ts';

/** What an agent loads stays with it for good; dialects, verbs and views that few nodes need are in chunks of their own. */
const AGENT_BUDGET_BYTES = 550_000;

async function build(outDir: string, hash: string): Promise<void> {
  for (const dir of ['bin', 'lib', 'cni', 'share']) await mkdir(join(outDir, dir), { recursive: true });
  const version = await readVersion();
  const { agentBytes } = await bundle({ outDir: join(outDir, 'lib'), version, hash });
  if (agentBytes > AGENT_BUDGET_BYTES) {
    warn(`The agent's bundle has ${agentBytes} bytes, more than its budget of ${AGENT_BUDGET_BYTES}`);
  }
  await copyKoffi(join(outDir, 'lib'));
  await writeLauncher(join(outDir, 'bin'));
  const shim = await buildCniPrograms(join(outDir, 'cni'), warn);
  await copyShare(join(outDir, 'share'));
  const info = { version, build: hash, node: process.version, arch: process.arch, shim, agentBytes };
  await writeFile(join(outDir, 'share', 'build.json'), `${JSON.stringify(info, undefined, 2)}\n`);
}

/** Puts the new dist in the old one's place: two renames, so that no half-made dist is ever seen. */
async function replaceDist(newDir: string): Promise<void> {
  const oldDir = `dist.old-${process.pid}`;
  await rename('dist', oldDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(newDir, 'dist');
  await rm(oldDir, { recursive: true, force: true });
}

async function removeLeftOvers(): Promise<void> {
  const names = await readdir('.');
  const leftOvers = names.filter(name => /^dist\.(new|old)-\d+$/.test(name));
  await Promise.all(leftOvers.map(name => rm(name, { recursive: true, force: true })));
}

function warn(text: string): void {
  process.stderr.write(`underlane: Warning: ${text}\n`);
}

process.chdir(join(import.meta.dirname, '..'));
const { values } = parseArgs({ options: { hash: { type: 'string', default: 'dev' } } });
const newDir = `dist.new-${process.pid}`;
await removeLeftOvers();
await build(newDir, values.hash);
await replaceDist(newDir);
