import { type Command, Option } from 'commander';

/** Put in by the build; absent when run from source. */
declare const UNDERLANE_VERSION: string | undefined;
declare const UNDERLANE_BUILD: string | undefined;

/** What this program is: its version, its build and the Node that runs it. */
export const version = {
  version: typeof UNDERLANE_VERSION === 'string' ? UNDERLANE_VERSION : '0.0.0-source',
  build: typeof UNDERLANE_BUILD === 'string' ? UNDERLANE_BUILD : 'source',
  node: process.version,
} as const;

/** Adds `underlane version`. */
export function addVersionCommand(program: Command): void {
  program
    .command('version')
    .description('print the version')
    .addOption(new Option('-o, --output <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .action(({ output }: { readonly output: string }) => {
      process.stdout.write(
        output === 'json'
          ? `${JSON.stringify(version)}\n`
          : `underlane ${version.version} (build ${version.build}, node ${version.node})\n`,
      );
    });
}
