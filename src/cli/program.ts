import { Command } from 'commander';
import { addAgentCommand } from './agent-command.ts';
import { addCapabilitiesCommand } from './capabilities/capabilities-command.ts';
import { addControllerCommand } from './controller-command.ts';
import { addInstallCommands } from './install-command.ts';
import { addLintCommand } from './lint-command.ts';
import { addMigrateCommand } from './migrate-command.ts';
import { addSandboxCommand } from './sandbox-command.ts';
import type { SetExitCode } from './set-exit-code.ts';
import { addVersionCommand, version } from './version-command.ts';

const EXAMPLES = `
Examples:
  underlane sandbox                        run a two-node cluster with the examples until Ctrl-C
  underlane sandbox --once --json          check it, print one line of JSON, exit 0 when everything passed
  underlane sandbox exec POD -- ip addr    run a command in a pod of the running sandbox
  underlane agent --node-name n1           run the node daemon
  underlane controller                     run the cluster's loops
  underlane migrate --from whereabouts     say what taking over its addresses would do
  underlane lint networks/*.yaml           check networks and pods before they reach a cluster
  underlane capabilities                   show what this machine's kernel lacks
  underlane install                        put Underlane in front of this node's primary network
  underlane version -o json

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 ended by Ctrl-C`;

/** The command line grammar. Actions load their rooms when they run. */
export function createProgram(setExitCode: SetExitCode): Command {
  const program = new Command('underlane')
    .description(
      'Pods with addresses on real networks: multi-NIC, cluster-wide addresses and node connectivity as one system',
    )
    .version(version.version, '-V, --version')
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText('after', EXAMPLES);
  addSandboxCommand(program, setExitCode);
  addAgentCommand(program);
  addControllerCommand(program);
  addInstallCommands(program);
  addMigrateCommand(program, setExitCode);
  addLintCommand(program, setExitCode);
  addCapabilitiesCommand(program, setExitCode);
  addVersionCommand(program);
  return program;
}
