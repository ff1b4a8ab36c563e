import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runChild } from '../../scripts/test/run-child.ts';
import { findMirrors } from './mirrors.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

export interface DownloadRequest {
  /** Debian's name for a release: `sid`, `bookworm`. */
  readonly suite: string;
  readonly packages: readonly string[];
  /** Whether everything that the packages depend on comes along, as if nothing were installed. */
  readonly withDependencies: boolean;
  /** Where apt works, made anew below an existing folder; the packages are in there. */
  readonly folder: string;
}

/**
 * Downloads packages of any release from one of the machine's own mirrors, as any user: apt gets lists, cache and status of its
 * own, and believes that nothing is installed.
 * @returns the packages' files
 * @throws an Error with each mirror's refusal in apt's own words
 */
export async function downloadPackages(
  request: DownloadRequest,
  onDownload: (mirror: string) => void,
): Promise<readonly string[]> {
  const refusals: string[] = [];
  for (const mirror of await findMirrors()) {
    onDownload(mirror);
    try {
      return await downloadFrom(mirror, { ...request, folder: join(request.folder, `apt-${refusals.length}`) });
    } catch (error) {
      refusals.push(`${mirror}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const why = refusals.join('; ') || "apt's sources name no Debian archive";
  throw new Error(`cannot download ${request.packages.join(', ')} (${why})`);
}

async function downloadFrom(
  mirror: string,
  { suite, packages, withDependencies, folder }: DownloadRequest,
): Promise<readonly string[]> {
  const state = resolve(folder);
  const archives = join(state, 'cache/archives');
  await Promise.all(
    [join(state, 'lists/partial'), join(archives, 'partial')].map(path => mkdir(path, { recursive: true })),
  );
  const signedBy = existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : '';
  await writeFile(join(state, 'sources.list'), `deb ${signedBy}${mirror} ${suite} main\n`);
  await writeFile(join(state, 'status'), '');
  await aptGet(state, state, ['update', '--error-on=any'], 60_000);
  const verb = withDependencies ? ['install', '--yes', '--download-only', '--no-install-recommends'] : ['download'];
  await aptGet(state, archives, [...verb, ...packages], 120_000);
  const names = await readdir(archives);
  return names.filter(name => name.endsWith('.deb')).map(name => join(archives, name));
}

/** `apt-get download` writes to the working directory, everything else to the cache. */
async function aptGet(state: string, directory: string, args: readonly string[], timeoutMs: number): Promise<void> {
  const settings = [
    `Dir::State=${state}`,
    `Dir::State::lists=${state}/lists`,
    `Dir::State::status=${state}/status`,
    `Dir::Cache=${state}/cache`,
    `Dir::Etc::sourcelist=${state}/sources.list`,
    // The machine's own preferences would keep other releases out.
    ...['sourceparts', 'preferences', 'preferencesparts'].map(name => `Dir::Etc::${name}=/dev/null`),
    'APT::Default-Release=',
    // root's apt downloads as a user who may not be allowed to enter our folder.
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
    'Acquire::Retries=1',
    'Acquire::http::Timeout=20',
  ];
  const apt = ['apt-get', '-q', ...settings.flatMap(setting => ['-o', setting]), ...args];
  const { problem, output } = await runChild({ command: ['env', `--chdir=${directory}`, ...apt], timeoutMs });
  if (problem === undefined) return;
  const complaints = output.split('\n').filter(line => /^[EW]: /.test(line));
  throw new Error(complaints.length === 0 ? problem : complaints.map(line => line.slice(3)).join('; '));
}
