import type { Command } from 'commander';
import type { SetExitCode } from './set-exit-code.ts';

interface SandboxFlags {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly examples: boolean;
  readonly ipv4Only?: boolean;
  readonly clusterNetwork?: string;
}

interface ExecFlags {
  readonly namespace: string;
  readonly sandbox?: string;
}

const EXAMPLES = `
Everything it makes lives in namespaces of its own and goes when it ends; several can run at once. No root needed.

Examples:
  underlane sandbox
  underlane sandbox --once --json
  underlane sandbox exec -n default POD -- ip route`;

/** Adds `underlane sandbox`, and `exec` and `ls` below it. */
export function addSandboxCommand(program: Command, setExitCode: SetExitCode): void {
  const sandbox = program
    .command('sandbox')
    .description('run a two-node cluster in one process tree, with the examples and live checks')
    .option('--once', 'end after the checks: 0 when all passed, else 1')
    .option('--json', 'print the checks as one line of JSON, everything else to stderr')
    .option('--no-examples', 'start an empty cluster, without checks')
    .option('--ipv4-only', 'leave IPv6 out, as on a kernel without it')
    .option('--cluster-network <name>', "NetworkAttachmentDefinition of kube-system that makes every pod's first NIC")
    .addHelpText('after', EXAMPLES)
    .action(async ({ once, json, examples, ipv4Only, clusterNetwork }: SandboxFlags) => {
      const { runSandbox } = await import('#sandbox');
      setExitCode(
        await runSandbox({
          once: once === true,
          json: json === true,
          examples,
          ipv4Only: ipv4Only === true,
          ...(clusterNetwork === undefined ? {} : { clusterNetwork }),
        }),
      );
    });
  sandbox
    .command('exec')
    .description("run a command in a pod's network, in the newest sandbox")
    .argument('<pod>')
    .argument('<command...>')
    .option('-n, --namespace <name>', "the pod's namespace", 'default')
    .option('--sandbox <id>', 'another sandbox than the newest, see `underlane sandbox ls`')
    .passThroughOptions()
    .action(async (pod: string, command: readonly string[], flags: ExecFlags) => {
      const { execInPod } = await import('#sandbox');
      const { namespace, sandbox: sandboxId } = flags;
      setExitCode(await execInPod({ pod, namespace, command, ...(sandboxId === undefined ? {} : { sandboxId }) }));
    });
  sandbox
    .command('ls')
    .description('list the running sandboxes')
    .action(async () => {
      const { formatSandboxes, listSandboxes } = await import('#sandbox');
      process.stdout.write(formatSandboxes(listSandboxes()));
    });
}
