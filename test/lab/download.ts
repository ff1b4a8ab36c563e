import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runChild } from '../../scripts/test/run-child.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Downloads packages of Debian sid with all that they depend on, from one mirror, as any user: apt gets lists, cache and status
 * of its own below `folder`, an existing one, and believes that nothing is installed.
 * @returns the packages' files
 * @throws an Error with apt's own words
 */
export async function downloadPackages(
  mirror: string,
  packages: readonly string[],
  folder: string,
): Promise<readonly string[]> {
  const state = resolve(folder);
  await Promise.all(
    ['lists/partial', 'cache/archives/partial'].map(path => mkdir(join(state, path), { recursive: true })),
  );
  const signedBy = existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : '';
  await writeFile(join(state, 'sources.list'), `deb ${signedBy}${mirror} sid main\n`);
  await writeFile(join(state, 'status'), '');
  await aptGet(state, ['update', '--error-on=any'], 60_000);
  await aptGet(state, ['install', '--yes', '--download-only', '--no-install-recommends', ...packages], 120_000);
  const archives = join(state, 'cache/archives');
  const names = await readdir(archives);
  return names.filter(name => name.endsWith('.deb')).map(name => join(archives, name));
}

async function aptGet(state: string, args: readonly string[], timeoutMs: number): Promise<void> {
  const settings = [
    `Dir::State=${state}`,
    `Dir::State::lists=${state}/lists`,
    `Dir::State::status=${state}/status`,
    `Dir::Cache=${state}/cache`,
    `Dir::Etc::sourcelist=${state}/sources.list`,
    // The machine's own preferences would keep sid out.
    ...['sourceparts', 'preferences', 'preferencesparts'].map(name => `Dir::Etc::${name}=/dev/null`),
    'APT::Default-Release=',
    // root's apt downloads as a user who may not be allowed to enter our folder.
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
    'Acquire::Retries=1',
    'Acquire::http::Timeout=20',
  ];
  const command = ['apt-get', '-q', ...settings.flatMap(setting => ['-o', setting]), ...args];
  const { problem, output } = await runChild({ command, timeoutMs });
  if (problem === undefined) return;
  const complaints = output.split('\n').filter(line => /^[EW]: /.test(line));
  throw new Error(complaints.length === 0 ? problem : complaints.map(line => line.slice(3)).join('; '));
}
