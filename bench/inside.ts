/** The part of the bench that runs inside its own namespaces. Arguments: work directory, options as JSON. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeLan } from './lan.ts';
import type { BenchOptions } from './options.ts';
import { SCENARIOS } from './scenarios.ts';
import { makeStopwatch } from './stopwatch.ts';

const DEBIAN_PLUGINS = '/usr/lib/cni';

const [workDir = '', text = ''] = process.argv.slice(2);
// attach.ts wrote it.
const options = JSON.parse(text) as BenchOptions;
makeLan();
const debian = existsSync(join(DEBIAN_PLUGINS, 'macvlan')) ? DEBIAN_PLUGINS : undefined;
if (debian === undefined) {
  process.stderr.write("Skipped: Debian's plugins, as root run: apt-get install containernetworking-plugins\n");
}
const report: Record<string, unknown> = {};
for (const name of options.only) {
  const dir = join(workDir, name);
  mkdirSync(dir);
  report[name] = await SCENARIOS[name]({ workDir: dir, options, debian, stopwatch: makeStopwatch(workDir) });
}
writeFileSync(join(workDir, 'report.json'), JSON.stringify(report));
