/**
 * `npm run bench`: attaches and detaches pods, ways that are to be compared in turns: the bare netlink messages, Underlane,
 * and Debian's CNI plugins. Everything happens in namespaces that end with it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterPrograms, ensureClusterPrograms } from '../test/cluster/open-cluster.ts';
import { compilePrograms } from './compile.ts';
import type { InsideArguments } from './inside-arguments.ts';
import { HELP, parseBenchOptions } from './options.ts';
import { formatReport } from './report.ts';
import type { BenchReport } from './scenarios.ts';

async function main(args: readonly string[]): Promise<number> {
  const options = parseBenchOptions(args);
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if (!existsSync('dist/bin/underlane')) throw new Error('Cannot find dist/bin/underlane: run npm run build');
  const cluster = options.only.includes('addresses') ? await findCluster() : undefined;
  const workDir = mkdtempSync(join(tmpdir(), 'underlane-bench-'));
  try {
    compilePrograms(workDir);
    const report = runInNamespace(workDir, { options, ...(cluster === undefined ? {} : { cluster }) });
    process.stdout.write(options.format === 'json' ? `${JSON.stringify(report)}\n` : formatReport(report));
    return 0;
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

/** Programs of a real control plane. Out here, since some may have to be downloaded. */
async function findCluster(): Promise<ClusterPrograms | undefined> {
  try {
    return await ensureClusterPrograms(mirror => process.stderr.write(`downloading etcd from ${mirror} ...\n`));
  } catch (error) {
    process.stderr.write(`Skipped: a real API server: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

/** Runs inside.ts as root of its own namespaces; the kernel ends whatever it leaves. */
function runInNamespace(workDir: string, inside: InsideArguments): BenchReport {
  const user = process.getuid?.() === 0 ? [] : ['-Ur'];
  const namespace = ['unshare', ...user, '-n', '-m', '-p', '--fork', '--kill-child', '--mount-proc'];
  const [setpriv, ...command] = [
    'setpriv',
    '--pdeathsig',
    'KILL',
    ...namespace,
    process.execPath,
    'bench/inside.ts',
    workDir,
    JSON.stringify(inside),
  ];
  const { status, error } = spawnSync(setpriv ?? '', command, { stdio: ['ignore', 2, 2] });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error('The bench failed, see above');
  // inside.ts wrote it.
  return JSON.parse(readFileSync(join(workDir, 'report.json'), 'utf8')) as BenchReport;
}

process.chdir(join(import.meta.dirname, '..'));
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
