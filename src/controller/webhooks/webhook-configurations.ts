import type {
  FailurePolicy,
  MutatingWebhookConfiguration,
  Operation,
  ValidatingWebhookConfiguration,
  Webhook,
  WebhookClientConfig,
  WebhookService,
} from '#api';
import type { Reviewed, ReviewedKinds } from './reviewed-kinds.ts';
import { MUTATE_PATH, VALIDATE_PATH } from './serve-webhooks.ts';

/** Where API servers reach the webhooks: a Service in front of the controllers, or the controller that leads. */
export type WebhookPlace =
  | { readonly service: Omit<WebhookService, 'path'> }
  /** `https://host:port` */
  | { readonly url: string };

export interface ConfigurationSource {
  readonly kinds: ReviewedKinds;
  readonly place: WebhookPlace;
  /** PEM of all authorities that may have issued a serving certificate. */
  readonly authorities: string;
  /** What API servers do without an answer. */
  readonly failurePolicy: FailurePolicy;
}

export interface WebhookConfigurations {
  readonly validating: ValidatingWebhookConfiguration;
  readonly mutating: MutatingWebhookConfiguration;
}

/** Both are called so. */
export const CONFIGURATION_NAME = 'underlane';
/** `off` on an object or its namespace keeps it from being reviewed, should a review ever be in the way. */
export const REVIEW_LABEL = 'underlane.io/review';

/** Above what a review may take, and short enough for somebody who waits. */
const TIMEOUT_SECONDS = 5;

/** What API servers are to ask us: about the kinds that are reviewed, and nothing else. Pure. */
export function webhookConfigurations(source: ConfigurationSource): WebhookConfigurations {
  const { kinds } = source;
  const completed = kinds.filter(({ complete }) => complete !== undefined);
  return {
    validating: {
      metadata: { name: CONFIGURATION_NAME },
      webhooks: kinds.map(kind => toWebhook(source, kind, 'validate', kind.operations)),
    },
    mutating: {
      metadata: { name: CONFIGURATION_NAME },
      webhooks: completed.map(kind => toWebhook(source, kind, 'complete', ['CREATE', 'UPDATE'])),
    },
  };
}

function toWebhook(
  { authorities, failurePolicy, place }: ConfigurationSource,
  { resource }: Reviewed,
  purpose: 'validate' | 'complete',
  operations: readonly Operation[],
): Webhook {
  const path = purpose === 'validate' ? VALIDATE_PATH : MUTATE_PATH;
  const caBundle = Buffer.from(authorities).toString('base64');
  const clientConfig: WebhookClientConfig =
    'url' in place ? { url: `${place.url}${path}`, caBundle } : { service: { ...place.service, path }, caBundle };
  const unlessOff = { matchExpressions: [{ key: REVIEW_LABEL, operator: 'NotIn' as const, values: ['off'] }] };
  return {
    // A kind of each group by itself, so that an error says which.
    name: `${resource.plural}.${resource.group}.${purpose}.underlane.io`,
    clientConfig,
    rules: [
      {
        apiGroups: [resource.group],
        apiVersions: [resource.version],
        resources: [resource.plural],
        operations,
        scope: resource.isNamespaced ? 'Namespaced' : 'Cluster',
      },
    ],
    failurePolicy,
    // In whatever version somebody writes them.
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds: TIMEOUT_SECONDS,
    admissionReviewVersions: ['v1'],
    namespaceSelector: unlessOff,
    objectSelector: unlessOff,
  };
}
