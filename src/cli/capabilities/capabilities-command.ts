import { spawnSync } from 'node:child_process';
import { type Command, Option } from 'commander';
import { codeOf } from '#base';
import type { SetExitCode } from '../set-exit-code.ts';
import type { CapabilitiesOutput } from './describe-kernel.ts';

interface CapabilitiesFlags {
  readonly output: CapabilitiesOutput;
}

const EXAMPLES = `
Asks the running kernel for every kind of link, nftables family and namespace that Underlane may want, and says of each
what needs it and what to do where it is missing. An ordinary user's question is asked in a namespace of its own.
Nothing is made, but modules are loaded that making such a link would load.

Examples:
  underlane capabilities
  underlane capabilities -o json | jq '.capabilities[] | select(.present | not)'`;

/** Set for the copy of this program that asks as root of a user namespace, lest it starts another one. */
const INSIDE = 'UNDERLANE_CAPABILITIES_INSIDE';

/** Adds `underlane capabilities`. */
export function addCapabilitiesCommand(program: Command, setExitCode: SetExitCode): void {
  program
    .command('capabilities')
    .description("print what the running kernel has of what Underlane's plugins need")
    .addOption(new Option('-o, --output <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async ({ output }: CapabilitiesFlags) => {
      try {
        const { describeKernel } = await import('./describe-kernel.ts');
        process.stdout.write(describeKernel(output));
      } catch (error) {
        if (codeOf(error) !== 'EPERM' || process.env[INSIDE] !== undefined) throw error;
        setExitCode(askAsRootOfNamespace());
      }
    });
}

/** @returns the exit code. What the copy prints is ours. */
function askAsRootOfNamespace(): number {
  const own = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status, error } = spawnSync('unshare', ['--map-root-user', '--net', ...own], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  });
  if (error !== undefined) throw error;
  return status ?? 1;
}
