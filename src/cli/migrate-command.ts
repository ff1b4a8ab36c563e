import { type Command, Option } from 'commander';
import type { PeerName } from '#controller';
import { addClusterFlags, type ClusterFlags } from './cluster-flags.ts';
import type { SetExitCode } from './set-exit-code.ts';

interface MigrateFlags extends ClusterFlags {
  readonly from: PeerName;
  readonly yes?: true;
  readonly force?: true;
  readonly output: 'text' | 'json';
}

const EXAMPLES = `
Makes claims of the addresses that running pods have from another allocator, and takes its objects over as views. Pods keep
running. Writes nothing without --yes, and nothing as long as somebody is left who may allocate from the same pools: its
DaemonSets, Deployments and pods, and nodes without an agent of ours. Can be repeated.

Exit codes: 0 all addresses are, or would be, claims; 1 something stands in the way; 2 wrong usage

Examples:
  underlane migrate --from whereabouts              say what would be done
  underlane migrate --from spiderpool --yes         do it
  underlane migrate --from kube-ovn -o json | jq '.addresses[] | select(.outcome == "unplaced")'`;

/** Adds `underlane migrate`. */
export function addMigrateCommand(program: Command, setExitCode: SetExitCode): void {
  const command = program
    .command('migrate')
    .description("take over another allocator's addresses, with pods running")
    .addOption(
      new Option('--from <allocator>', 'whose addresses')
        .choices(['spiderpool', 'whereabouts', 'kube-ovn'])
        .makeOptionMandatory(),
    );
  addClusterFlags(command)
    .option('--yes', 'write; without it nothing is')
    .option('--force', 'with --yes: write although others may still allocate')
    .addOption(new Option('-o, --output <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async ({ yes, force, output, ...flags }: MigrateFlags) => {
      const { formatMigration, isClean, runMigration } = await import('#controller');
      const options = { ...flags, isDryRun: yes !== true, isForced: force === true, logLevel: 'warn' as const };
      const report = await runMigration(options);
      process.stdout.write(output === 'json' ? `${JSON.stringify(report)}\n` : formatMigration(report));
      setExitCode(isClean(report) || (yes === true && force === true && isClean({ ...report, writers: [] })) ? 0 : 1);
    });
}
