/** Which of the machine's own package mirrors may carry the second kernel. */
import { runChild } from '../../scripts/test/run-child.ts';

/** The addresses of the machine's apt archives. @throws an Error with apt's own words */
export async function findMirrors(): Promise<readonly string[]> {
  // This also works for an ordinary user, and where lists were never fetched.
  const { problem, output } = await runChild({ command: ['apt-get', 'update', '--print-uris'], timeoutMs: 20_000 });
  if (problem !== undefined) throw new Error(`apt-get does not tell its sources (${output.trim() || problem})`);
  return archivesOf(output);
}

/** The archives that `apt-get update --print-uris` names, except those of security updates: they have no other suites. */
export function archivesOf(printedUris: string): readonly string[] {
  const suites = [...printedUris.matchAll(/^'(\S+?)\/dists\/(\S+?)\/InRelease'/gm)];
  const general = suites.filter(([, , suite = '']) => !/[-/]security$|\/updates$/.test(suite));
  return [...new Set(general.map(([, archive = '']) => archive))];
}
