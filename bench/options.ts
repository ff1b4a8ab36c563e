import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly runs: number;
  readonly format: 'table' | 'json';
}

export const HELP = `Usage: npm run bench -- [--runs N] [-o json]

Options:
  --runs N      measured rounds, each with one ADD and one DEL of every kind (default 40)
  -o FORMAT     table (default) or json
  --help        this text

Example:
  npm run -s bench -- --runs 100 -o json
`;

/** @throws Error naming the option and what was expected */
export function parseBenchOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '40' },
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
  return { runs, format: values.output };
}
