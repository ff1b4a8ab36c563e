import type {
  FailurePolicy,
  MutatingWebhookConfiguration,
  Operation,
  ValidatingWebhookConfiguration,
  Webhook,
  WebhookClientConfig,
} from '#api';
import type { WebhookPlace } from './options.ts';
import type { Reviewed, ReviewedKinds } from './reviewed-kinds.ts';
import { MUTATE_PATH, VALIDATE_PATH } from './serve-webhooks.ts';

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
/** By which a configuration is known to be ours to remove. */
export const MADE_BY_LABEL = 'underlane.io/made-by';
export const MADE_BY_US = 'controller';
/** `off` on an object or its namespace keeps it from being reviewed, should a review ever be in the way. */
export const REVIEW_LABEL = 'underlane.io/review';

/** Every namespace has it since Kubernetes 1.21. */
const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';
const SYSTEM_NAMESPACE = 'kube-system';
/** Above what a review may take, and short enough for somebody who waits. */
const TIMEOUT_SECONDS = 5;
/** Where a pod waits. */
const HASTE_SECONDS = 1;

/** What API servers are to ask us: about the kinds that are reviewed, and nothing else. Pure. */
export function webhookConfigurations(source: ConfigurationSource): WebhookConfigurations {
  const { kinds } = source;
  const metadata = { name: CONFIGURATION_NAME, labels: { [MADE_BY_LABEL]: MADE_BY_US } };
  return {
    validating: { metadata, webhooks: kinds.flatMap(kind => toValidating(source, kind)) },
    mutating: {
      metadata,
      webhooks: kinds
        .filter(({ complete }) => complete !== undefined)
        .map(kind =>
          toWebhook(source, kind, { purpose: 'complete', path: MUTATE_PATH, operations: ['CREATE', 'UPDATE'] }),
        ),
    },
  };
}

function toValidating(source: ConfigurationSource, kind: Reviewed): readonly Webhook[] {
  const purpose = { purpose: 'validate', path: VALIDATE_PATH };
  const { madeInHaste, operations } = kind;
  if (madeInHaste === undefined) return [toWebhook(source, kind, { ...purpose, operations })];
  const others = operations.filter(operation => operation !== 'CREATE');
  // Pods' addresses never depend on whether anybody answers.
  const loose = { ...source, failurePolicy: 'Ignore' } as const;
  return [
    toWebhook(loose, kind, { ...purpose, operations: ['CREATE'], except: madeInHaste }),
    toWebhook(loose, kind, { ...purpose, purpose: 'validate-change', operations: others, seconds: HASTE_SECONDS }),
  ];
}

interface Purpose {
  readonly purpose: string;
  readonly path: string;
  readonly operations: readonly Operation[];
  /** Label of objects that are left out. */
  readonly except?: string;
  readonly seconds?: number;
}

function toWebhook(
  { authorities, failurePolicy, place }: ConfigurationSource,
  { resource }: Reviewed,
  { purpose, path, operations, except, seconds = TIMEOUT_SECONDS }: Purpose,
): Webhook {
  const caBundle = Buffer.from(authorities).toString('base64');
  const clientConfig: WebhookClientConfig =
    'url' in place ? { url: `${place.url}${path}`, caBundle } : { service: { ...place.service, path }, caBundle };
  const unlessOff = { key: REVIEW_LABEL, operator: 'NotIn', values: ['off'] } as const;
  // What a cluster is set up with goes on without us, whatever else has to wait.
  const isMeant =
    failurePolicy === 'Ignore'
      ? []
      : [{ key: NAMESPACE_NAME_LABEL, operator: 'NotIn', values: [SYSTEM_NAMESPACE] } as const];
  const isNotMadeSo = except === undefined ? [] : [{ key: except, operator: 'DoesNotExist' } as const];
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
    timeoutSeconds: seconds,
    admissionReviewVersions: ['v1'],
    namespaceSelector: { matchExpressions: [unlessOff, ...isMeant] },
    objectSelector: { matchExpressions: [unlessOff, ...isNotMadeSo] },
  };
}
