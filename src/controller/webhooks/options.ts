import type { FailurePolicy, WebhookService } from '#api';

/** How objects are reviewed for API servers. */
export interface WebhookOptions {
  /** @default every address */
  readonly host?: string;
  readonly port: number;
  readonly place: WebhookPlace;
  /** What API servers do without an answer. @default Ignore */
  readonly failurePolicy?: FailurePolicy;
}

/** Where API servers reach the webhooks: a Service in front of all replicas, or this replica, while it leads. */
export type WebhookPlace =
  | { readonly service: Omit<WebhookService, 'path'> }
  /** `https://host:port` */
  | { readonly url: string };

/** Of the namespace where the controller's Leases are. */
export const CERTIFICATE_SECRET = 'underlane-webhook-certificate';
