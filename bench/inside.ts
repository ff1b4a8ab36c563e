/** The part of the bench that runs inside its own namespaces. Arguments: work directory, options and programs as JSON. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InsideArguments } from './inside-arguments.ts';
import { makeLan } from './lan.ts';
import { SCENARIOS } from './scenarios.ts';
import { makeStopwatch } from './stopwatch.ts';

const DEBIAN_PLUGINS = '/usr/lib/cni';

const [workDir = '', text = ''] = process.argv.slice(2);
// attach.ts wrote it.
const { options, cluster } = JSON.parse(text) as InsideArguments;
makeLan();
const debian = existsSync(join(DEBIAN_PLUGINS, 'macvlan')) ? DEBIAN_PLUGINS : undefined;
if (debian === undefined) {
  process.stderr.write("Skipped: Debian's plugins, as root run: apt-get install containernetworking-plugins\n");
}
const report: Record<string, unknown> = {};
for (const name of options.only) {
  const dir = join(workDir, name);
  mkdirSync(dir);
  report[name] = await SCENARIOS[name]({ workDir: dir, options, debian, stopwatch: makeStopwatch(workDir), cluster });
}
writeFileSync(join(workDir, 'report.json'), JSON.stringify(report));
