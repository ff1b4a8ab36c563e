import type { KubeObject, Resource } from './object.ts';

/** By which an API server asks webhooks whether an object may be as it is (`admissionregistration.k8s.io/v1`). */
export interface ValidatingWebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly Webhook[];
}

/** By which an API server has webhooks complete objects. */
export interface MutatingWebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly Webhook[];
}

export interface Webhook {
  /** Unique, with two dots at least. */
  readonly name: string;
  readonly clientConfig: WebhookClientConfig;
  readonly rules: readonly WebhookRule[];
  /** What the API server does without an answer. */
  readonly failurePolicy: FailurePolicy;
  readonly matchPolicy: 'Equivalent' | 'Exact';
  readonly sideEffects: 'None';
  readonly timeoutSeconds: number;
  readonly admissionReviewVersions: readonly string[];
  readonly namespaceSelector?: LabelRequirements;
  readonly objectSelector?: LabelRequirements;
}

export type FailurePolicy = 'Ignore' | 'Fail';

export interface WebhookRule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly Operation[];
  readonly scope: 'Cluster' | 'Namespaced';
}

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

export interface WebhookClientConfig {
  /** `https://host:port/path`; else a service. */
  readonly url?: string;
  readonly service?: WebhookService;
  /** PEM in base64. */
  readonly caBundle: string;
}

export interface WebhookService {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly path?: string;
}

interface LabelRequirements {
  readonly matchExpressions: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

const REGISTRATION = { group: 'admissionregistration.k8s.io', version: 'v1', isNamespaced: false } as const;

export const VALIDATING_WEBHOOK_CONFIGURATIONS: Resource<ValidatingWebhookConfiguration> = {
  ...REGISTRATION,
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
};
export const MUTATING_WEBHOOK_CONFIGURATIONS: Resource<MutatingWebhookConfiguration> = {
  ...REGISTRATION,
  plural: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
};
