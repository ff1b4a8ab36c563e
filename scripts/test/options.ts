import { parseArgs } from 'node:util';
import { RINGS } from './rings.ts';

export interface TestOptions {
  /** undefined: all. */
  readonly rings: readonly string[] | undefined;
  /** Part of a file's path or of a static check's name. */
  readonly filter: string | undefined;
  /** From UNDERLANE_REQUIRE_RINGS: these count as failed when the machine cannot run them. */
  readonly requiredRings: readonly string[];
  readonly isVerbose: boolean;
}

export class UsageError extends Error {}

export const HELP = `Usage: npm test -- [--ring N]... [--filter TEXT] [--verbose]

Rings:
${RINGS.map(ring => `  ${ring.id}  ${ring.name.padEnd(8)} ${ring.purpose}`).join('\n')}

Options:
  --ring N        run only this ring (again for more)
  --filter TEXT   run only test files, or static checks, with TEXT in their path or name
  --verbose       print every test and what the tests print
  --help          this text

Environment:
  UNDERLANE_REQUIRE_RINGS   comma-separated rings that must be able to run here

Examples:
  npm test
  npm test -- --ring 1 --filter netlink
`;

/** @throws UsageError naming the option */
export function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv): TestOptions | 'help' {
  const values = parseFlags(args);
  if (values.help) return 'help';
  const requiredRings = (env['UNDERLANE_REQUIRE_RINGS'] ?? '').split(',').filter(id => id !== '');
  for (const id of [...(values.ring ?? []), ...requiredRings]) {
    if (RINGS.every(ring => ring.id !== id)) {
      throw new UsageError(`Unknown ring "${id}": expected one of ${RINGS.map(ring => ring.id).join(', ')}`);
    }
  }
  return { rings: values.ring, filter: values.filter, requiredRings, isVerbose: values.verbose ?? false };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        ring: { type: 'string', multiple: true },
        filter: { type: 'string' },
        verbose: { type: 'boolean', short: 'v' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
}
