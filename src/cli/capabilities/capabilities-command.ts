import { spawnSync } from 'node:child_process';
import { type Command, Option } from 'commander';
import { codeOf } from '#base';
import type { SetExitCode } from '../set-exit-code.ts';

interface CapabilitiesFlags {
  readonly output: 'text' | 'json';
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
        process.stdout.write(await describeKernel(output));
      } catch (error) {
        if (codeOf(error) !== 'EPERM' || process.env[INSIDE] !== undefined) throw error;
        setExitCode(askAsRootOfNamespace());
      }
    });
}

async function describeKernel(output: CapabilitiesFlags['output']): Promise<string> {
  const { readKernelCapabilities } = await import('#facts');
  const { listCapabilities } = await import('./list-capabilities.ts');
  const { formatCapabilities } = await import('./format-capabilities.ts');
  const found = readKernelCapabilities();
  const capabilities = listCapabilities(found);
  if (output === 'text') return formatCapabilities(found.release, capabilities);
  const items = capabilities.map(({ isPresent, ...rest }) => ({ ...rest, present: isPresent }));
  return `${JSON.stringify({ kernel: found.release, capabilities: items })}\n`;
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
