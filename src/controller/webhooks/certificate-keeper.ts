import { SECRETS, type Secret } from '#api';
import type { Clock, Log } from '#base';
import { isApiError, type KubeClient } from '#kube';
import { createRepeater } from '../repeater.ts';
import { readSecret, toSecret } from './certificate-secret.ts';
import { type CertificateSet, RENEW_EVERY_MS, renewCertificates } from './certificate-set.ts';
import { followSecret, type SecretName } from './follow-secret.ts';

export interface CertificateKeeperOptions {
  readonly client: KubeClient;
  /** Where the certificates are kept, for all replicas. */
  readonly secret: SecretName;
  /** What API servers call us by. */
  readonly names: readonly string[];
  /** Called with the first certificates, and with others whenever they have changed. */
  readonly onChange: (set: CertificateSet) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Keeps certificates that API servers may rely on, in a Secret that all replicas share: whoever finds that there have to be
 * new ones makes them, and of two who do so at once the second takes the first one's. Goes on until the signal aborts, then
 * rejects with its reason.
 */
export async function keepCertificates(options: CertificateKeeperOptions, signal: AbortSignal): Promise<never> {
  const { client, clock, log, onChange, secret } = options;
  let last = '';
  const repeater = createRepeater({
    what: 'keep the certificates of the webhooks',
    everyMs: RENEW_EVERY_MS,
    clock,
    log,
    async round(stopped) {
      const set = await renewInSecret(options, stopped);
      const text = JSON.stringify(set);
      if (text === last) return;
      last = text;
      onChange(set);
    },
  });
  // Nobody needs the keys in one more place.
  const own = followSecret({ client, clock, log, secret, signal }, ({ data: _, ...rest }) => rest);
  own.subscribe(() => repeater.wake());
  return repeater.run(signal);
}

/** As often as somebody else may come first: after that something is wrong. */
const ATTEMPTS = 5;

async function renewInSecret(
  { client, clock, log, names, secret }: CertificateKeeperOptions,
  signal: AbortSignal,
): Promise<CertificateSet> {
  for (let attempt = 1; ; attempt++) {
    const old = await findSecret(client, secret, signal);
    const current = old === undefined ? undefined : readSecret(old);
    const renewed = renewCertificates(current, names, clock.now());
    if (renewed === current) return renewed;
    const object = toSecret(renewed, secret, old);
    try {
      if (old === undefined) await client.create(SECRETS, object, { signal });
      else await client.update(SECRETS, object, { signal });
      log.info({ secret: `${secret.namespace}/${secret.name}` }, 'Renewed the certificates of the webhooks');
      return renewed;
    } catch (error) {
      const isBehind = isApiError(error, 'Conflict') || isApiError(error, 'AlreadyExists');
      if (!isBehind || attempt === ATTEMPTS) throw error;
    }
  }
}

async function findSecret(client: KubeClient, name: SecretName, signal: AbortSignal): Promise<Secret | undefined> {
  try {
    return await client.get(SECRETS, name, { signal });
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}
