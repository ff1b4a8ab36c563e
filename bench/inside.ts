/** The part of the bench that runs inside its own namespaces. Arguments: work directory, number of rounds. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAgent } from './agent.ts';
import { debianMacvlan, floor, ownMacvlan, ownPod } from './contestants.ts';
import { makeLan } from './lan.ts';
import { runRounds } from './run-rounds.ts';
import { makeStopwatch } from './stopwatch.ts';

const DEBIAN_PLUGINS = '/usr/lib/cni';

const [workDir = '', runs = ''] = process.argv.slice(2);
makeLan();
await using agent = await startAgent(workDir);
const stopwatch = makeStopwatch(workDir, agent.env);
const contestants = [floor(workDir), ownPod(stopwatch), ownMacvlan(stopwatch)];
if (existsSync(join(DEBIAN_PLUGINS, 'macvlan'))) {
  contestants.push(debianMacvlan(stopwatch, DEBIAN_PLUGINS, join(workDir, 'host-local')));
} else {
  process.stderr.write("Skipped: Debian's plugins, as root run: apt-get install containernetworking-plugins\n");
}
const idle = agent.memory();
const results = runRounds(contestants, Number(runs));
writeFileSync(join(workDir, 'report.json'), JSON.stringify({ results, agent: { idle, after: agent.memory() } }));
