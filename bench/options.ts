import { parseArgs } from 'node:util';
import type { Measuring } from './scenarios/scenario.ts';
import { SCENARIOS, type ScenarioName } from './scenarios.ts';

export interface BenchOptions extends Measuring {
  readonly only: readonly ScenarioName[];
  readonly format: 'table' | 'json';
}

export const HELP = `Usage: npm run bench -- [--only NAMES] [--runs N] [--against DIST] [-o json]

Scenarios:
  attach        one pod at a time, beside the bare netlink messages and Debian's plugins
  pods          1, 10 and 50 pods at once of one, two and four networks, with an API server, beside Debian's plugins
  loop          what the agent's event loop and thread pool feel like while 50 pods come and go at once
  memory        what the agent weighs before, with and after 500 pods
  addresses     addresses a second beside bare creates, 1,000 pods that race for 1,000, pools that fill up, 100,000 claims

Options:
  --only NAMES    the scenarios to run, comma-separated (default all)
  --runs N        measured rounds of \`attach\`, each with one ADD and one DEL of every kind (default 40)
  --against DIST  measure the dist folder of another build too, in turns with this one's
  -o FORMAT       table (default) or json
  --help          this text

Example:
  npm run -s bench -- --only attach --runs 100 -o json
`;

/** @throws Error naming the option and what was expected */
export function parseBenchOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '40' },
      only: { type: 'string', default: Object.keys(SCENARIOS).join() },
      against: { type: 'string' },
      output: { type: 'string', short: 'o', default: 'table' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`Cannot use --runs "${values.runs}": expected a whole number from 1`);
  if (values.output !== 'table' && values.output !== 'json') {
    throw new Error(`Cannot use -o "${values.output}": expected table or json`);
  }
  const { against } = values;
  const only = values.only.split(',').map(parseScenario);
  return { runs, only, format: values.output, ...(against === undefined ? {} : { against }) };
}

function parseScenario(name: string): ScenarioName {
  if (Object.hasOwn(SCENARIOS, name)) return name as ScenarioName; // just looked up
  throw new Error(`Cannot use --only "${name}": expected ${Object.keys(SCENARIOS).join(', ')}`);
}
