import type { LogLevel } from '#base';
import type { WebhookOptions } from './webhooks/options.ts';

/** What `underlane controller` is started with. */
export interface ControllerOptions {
  /** undefined: as a pod, by its service account. */
  readonly kubeconfig?: string;
  /** Where Leases are, the agents' ones too, and what else the controller keeps for itself. @default 'kube-system' */
  readonly namespace?: string;
  /** Unlike any other replica's. @default host name and a random text */
  readonly identity?: string;
  readonly logLevel: LogLevel;
  /** `HOST:PORT` or a unix socket's path for /healthz and /metrics. @default nowhere */
  readonly healthAddress?: string;
  /** `namespace/name` of the NetworkAttachmentDefinition that is every pod's default network, where it is one of ours. */
  readonly clusterNetwork?: string;
  /** Where the default-network annotation's networks without a namespace are. @default 'kube-system' */
  readonly multusNamespace?: string;
  /** How long after an agent was last heard of its node counts as dead. @default 300 */
  readonly fenceSeconds?: number;
  /** Unsafe: whether the addresses of terminating pods of nodes that are only NotReady are given away. @default false */
  readonly reclaimsNotReady?: boolean;
  /** Where Whereabouts' objects are. @default 'kube-system' */
  readonly viewsNamespace?: string;
  /** How soon others take over from a leader that says nothing. @default 15 */
  readonly leaseSeconds?: number;
  /** How objects are reviewed for API servers. @default not at all */
  readonly webhooks?: WebhookOptions;
}
