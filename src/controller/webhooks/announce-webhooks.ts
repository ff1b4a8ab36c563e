import { loadLint } from '#attach';
import type { ControllerDeps } from '../deps.ts';
import { readAuthorities } from './certificate-secret.ts';
import { keepConfigurations } from './configuration-keeper.ts';
import { followSecret } from './follow-secret.ts';
import { CERTIFICATE_SECRET, type WebhookOptions } from './options.ts';
import { reviewedKinds } from './reviewed-kinds.ts';
import { webhookConfigurations } from './webhook-configurations.ts';

/** What of the controller's it takes. */
export type AnnounceDeps = Pick<ControllerDeps, 'client' | 'clock' | 'log' | 'namespace'>;

/**
 * Has API servers ask the webhooks about objects, and know them by the authorities that stand in the Secret: nothing is
 * announced before there are any. For the replica that leads. Goes on until the signal aborts, then rejects with its reason.
 */
export async function announceWebhooks(
  { failurePolicy = 'Ignore', place }: WebhookOptions,
  { client, clock, log, namespace }: AnnounceDeps,
  signal: AbortSignal,
): Promise<never> {
  const kinds = reviewedKinds(await loadLint());
  const name = { namespace, name: CERTIFICATE_SECRET };
  const secret = followSecret({ client, clock, log, secret: name, signal }, ({ metadata, data = {} }) => {
    // Keys are not needed here.
    return { metadata, data: { 'ca.crt': data['ca.crt'] ?? '' } };
  });
  return keepConfigurations(
    {
      client,
      clock,
      log,
      subscribe: wake => secret.subscribe(wake),
      wanted() {
        const found = secret.find(name);
        const authorities = found === undefined ? [] : readAuthorities(found);
        if (authorities.length === 0) return undefined;
        return webhookConfigurations({ kinds, place, authorities: authorities.join(''), failurePolicy });
      },
    },
    signal,
  );
}
