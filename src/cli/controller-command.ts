import { type Command, Option } from 'commander';
import type { ControllerOptions } from '#controller';
import { addClusterFlags, type ClusterFlags } from './cluster-flags.ts';
import { parseAddress } from './parse-address.ts';
import { parseSeconds } from './parse-seconds.ts';
import { addWebhookFlags, type WebhookFlags, webhookOptions } from './webhook-flags.ts';

const EXAMPLES = `
Any number of replicas may run; one of them leads. Says "ready" on stderr when it follows the cluster. SIGTERM ends it.

Examples:
  underlane controller                                     in a pod, by its service account
  underlane controller --webhook-service underlane         and review objects at kubectl apply
  underlane controller --kubeconfig ~/.kube/config --log-level debug`;

/** Adds `underlane controller`. Ends the process when the daemon ends. */
export function addControllerCommand(program: Command): void {
  const command = addClusterFlags(
    program
      .command('controller')
      .description("run the cluster's loops: addresses before pods start, and after they have gone"),
  )
    .option(
      '--fence-seconds <count>',
      'how long after its agent was last heard of a node counts as dead',
      parseSeconds,
      300,
    )
    .option(
      '--unsafe-reclaim-not-ready',
      'UNSAFE: also give away addresses of terminating pods of nodes that are NotReady',
    )
    .option(
      '--lease-seconds <count>',
      'how soon another replica takes over from one that says nothing',
      parseSeconds,
      15,
    )
    .option('--views-namespace <name>', "where Whereabouts' IPPools and reservations are shown", 'kube-system')
    .option('--health-address <host:port>', 'answer /livez, /healthz, /readyz and /metrics there', parseAddress)
    .addOption(
      new Option('--log-level <level>', 'what to log')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    );
  addWebhookFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (given: ControllerFlags) => {
      const { runController } = await import('#controller');
      const { unsafeReclaimNotReady, webhookAddress, webhookFailurePolicy, webhookService, webhookUrl, ...flags } =
        given;
      const reclaim = unsafeReclaimNotReady === undefined ? {} : { reclaimsNotReady: unsafeReclaimNotReady };
      const webhooks = webhookOptions(given, given.namespace);
      const review = webhooks === undefined ? {} : { webhooks };
      process.exit(await runController({ ...flags, ...reclaim, ...review }));
    });
}

type ControllerFlags = Omit<ControllerOptions, keyof ClusterFlags | 'reclaimsNotReady' | 'webhooks'> &
  ClusterFlags &
  WebhookFlags & { readonly unsafeReclaimNotReady?: true };
