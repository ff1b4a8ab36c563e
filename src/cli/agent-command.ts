import { type Command, Option } from 'commander';
import type { LogLevel } from '#base';

interface AgentFlags {
  readonly kubeconfig?: string;
  readonly nodeName: string;
  readonly socket: string;
  readonly stateDir: string;
  readonly cniConfDir: string;
  readonly cniBinDir: string;
  readonly kubeletDir: string;
  readonly deviceInfoDir: string;
  readonly logLevel: LogLevel;
  readonly healthAddress?: string;
}

const EXAMPLES = `
Says "ready" on stderr when it answers. SIGTERM ends it.

Example:
  underlane agent --kubeconfig /etc/underlane/kubeconfig --node-name n1`;

/** Adds `underlane agent`. Ends the process when the daemon ends. */
export function addAgentCommand(program: Command): void {
  program
    .command('agent')
    .description('run the node daemon that the CNI plugins call')
    .option('--kubeconfig <file>', 'how to reach the API server; without it only what needs none works')
    .requiredOption('--node-name <name>', "this node's name in the cluster")
    .option('--socket <path>', 'unix socket to answer on', '/run/underlane/agent.sock')
    .option('--state-dir <dir>', 'journal and queues', '/var/lib/underlane')
    .option('--cni-conf-dir <dir>', 'where default networks are configured', '/etc/cni/net.d')
    .option('--cni-bin-dir <dirs>', 'third-party plugins, colon-separated', '/opt/cni/bin')
    .option('--kubelet-dir <dir>', "kubelet's own, where it tells of pods' devices", '/var/lib/kubelet')
    .option('--device-info-dir <dir>', 'where plugins tell of devices', '/var/run/k8s.cni.cncf.io/devinfo')
    .option('--health-address <host:port>', 'also answer /healthz and /metrics there')
    .addOption(
      new Option('--log-level <level>', 'what to log')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (flags: AgentFlags) => {
      const { runAgent } = await import('#agent');
      const { cniBinDir, ...options } = flags;
      // A daemon that is done ends, whatever a failed start left open: its supervisor waits to start it again.
      process.exit(await runAgent({ ...options, cniBinDirs: cniBinDir.split(':').filter(dir => dir !== '') }));
    });
}
