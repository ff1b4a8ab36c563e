import { SECRETS, type Secret } from '#api';
import type { Clock, Log } from '#base';
import { createWatchCache, type KubeClient, type WatchCache } from '#kube';

/** Where all replicas keep the webhooks' certificates. */
export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

export interface FollowOptions {
  readonly client: KubeClient;
  readonly secret: SecretName;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** That one Secret, as it changes; others are none of our business. `keep` says what of it stays in memory. */
export function followSecret(options: FollowOptions, keep: (secret: Secret) => Secret): WatchCache<Secret> {
  const { secret, ...rest } = options;
  const query = { namespace: secret.namespace, fieldSelector: `metadata.name=${secret.name}` };
  return createWatchCache<Secret>({ ...rest, resource: SECRETS, query, transform: keep });
}
