import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AgentOptions } from '#agent';
import type { LogLevel } from '#base';
import { installationOf, NAMES_HELP } from './installation-of.ts';
import { parseAddress } from './parse-address.ts';
import { parseSeconds } from './parse-seconds.ts';

interface AgentFlags {
  readonly kubeconfig?: string;
  readonly inCluster?: true;
  readonly nodeName: string;
  readonly socket: string;
  readonly stateDir: string;
  readonly cniConfDir?: string;
  readonly cniBinDir: string;
  readonly hostRoot?: string;
  readonly parallel?: number;
  readonly kubeletDir: string;
  readonly deviceInfoDir: string;
  readonly multusCniDir?: string;
  readonly cniCacheDir: string;
  readonly logLevel?: LogLevel;
  readonly healthAddress?: string;
  readonly leaseNamespace: string;
  readonly leaseSeconds: number;
  readonly detect?: string;
  readonly quarantineSeconds: number;
  readonly config?: string;
  readonly installCni?: true;
  readonly cniNames?: string;
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
    .addOption(new Option('--in-cluster', "reach the API server by this pod's service account").conflicts('kubeconfig'))
    .requiredOption('--node-name <name>', "this node's name in the cluster")
    .option('--socket <path>', 'unix socket to answer on', '/run/underlane/agent.sock')
    .option('--state-dir <dir>', 'journal and queues', '/var/lib/underlane')
    .option('--cni-conf-dir <dir>', 'where default networks are configured (default: "/etc/cni/net.d")')
    .option('--cni-bin-dir <dirs>', 'third-party plugins, colon-separated', '/opt/cni/bin')
    .option('--host-root <dir>', "where the node's root is, in a container: plugins run there")
    .option('--parallel <count>', "how many pods' requests to carry out at once (default: 16)", parseCount)
    .option('--kubelet-dir <dir>', "kubelet's own, where it tells of pods' devices", '/var/lib/kubelet')
    .option('--device-info-dir <dir>', 'where plugins tell of devices', '/var/run/k8s.cni.cncf.io/devinfo')
    .option(
      '--multus-cni-dir <dir>',
      'Multus\' cniDir: what it has attached is taken over (default: "/var/lib/cni/multus")',
    )
    .option('--cni-cache-dir <dir>', "the runtime's and the reference plugins' own", '/var/lib/cni')
    .option('--multus-socket-dir <dir>', "also answer /cni, /delegate and /healthz there, on Multus' multus.sock")
    .option('--hot-plug', 'have running pods follow their networks annotation (default, without --multus-socket-dir)')
    .option('--no-hot-plug', 'leave the interfaces of running pods as they are, whatever their annotation says')
    .addOption(
      new Option(
        '--detect <questions>',
        'what to ask of the network before an address is used, where neither its pool nor its network says (default: "none")',
      ).choices(['none', 'conflict', 'gateway', 'conflict,gateway']),
    )
    .option(
      '--quarantine-seconds <count>',
      'how long an address is kept from everybody that somebody else on the network has',
      parseSeconds,
      600,
    )
    .option('--lease-namespace <name>', 'where the Lease is by which the agent says that it is alive', 'kube-system')
    .option('--lease-seconds <count>', 'how long it counts as alive after it was last heard of', parseSeconds, 40)
    .option('--health-address <host:port>', 'also answer /livez, /healthz, /readyz and /metrics there', parseAddress)
    .addOption(
      new Option('--log-level <level>', 'what to log')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default(undefined, 'info'),
    )
    .option('--config <file>', "settings in the form of Multus' daemon-config.json; options win over it")
    .option('--install-cni', 'put the CNI program and a configuration that calls it on this node, and keep them there')
    .option('--cni-names <names>', `with --install-cni: ${NAMES_HELP}`)

    .addHelpText('after', EXAMPLES)
    .action(async (flags: AgentFlags) => {
      const { runAgent } = await import('#agent');
      const options = await agentOptions(flags);
      // A daemon that is done ends, whatever a failed start left open: its supervisor waits to start it again.
      process.exit(await runAgent(options));
    });
}

/** A whole number of at least 1. */
function parseCount(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number from 1 to 99999');
}

/** The command line's options before those of the file. */
async function agentOptions(flags: AgentFlags): Promise<AgentOptions> {
  const { cniBinDir, cniNames, config, detect, installCni, logLevel, healthAddress, multusCniDir, parallel, ...rest } =
    flags;
  const { loadDaemonConfig } = await import('#agent');
  const file = config === undefined ? undefined : await loadDaemonConfig(config);
  const address = healthAddress ?? file?.healthAddress;
  const multusDir = multusCniDir ?? file?.multusCniDir;
  const cniBinDirs = cniBinDir.split(':').filter(dir => dir !== '');
  const cniConfDir = flags.cniConfDir ?? file?.wishes.confDir ?? '/etc/cni/net.d';
  return {
    ...rest,
    cniConfDir,
    cniBinDirs,
    logLevel: logLevel ?? file?.logLevel ?? 'info',
    ...(parallel === undefined ? {} : { parallelRequests: parallel }),
    ...(detect === undefined
      ? {}
      : { detect: { conflict: detect.includes('conflict'), gateway: detect.includes('gateway') } }),
    ...(multusDir === undefined ? {} : { multusCniDir: multusDir }),
    ...(address === undefined ? {} : { healthAddress: address }),
    ...(file === undefined ? {} : { overlay: file.overlay, warnings: file.warnings }),
    ...(installCni === undefined
      ? {}
      : {
          installation: await installationOf(
            {
              ...file?.wishes,
              settings: file?.overlay ?? {},
              confDir: cniConfDir,
              binDir: cniBinDirs[0] ?? '/opt/cni/bin',
              stateDir: flags.stateDir,
            },
            cniNames,
          ),
        }),
  };
}
