import { IP_ALLOCATIONS, type KubeObject, NETWORK_ATTACHMENT_DEFINITIONS, type Resource } from '#api';
import { loadLint } from '#attach';
import type { WatchCache } from '#kube';
import type { ControllerDeps } from '../deps.ts';
import { keepCertificates } from './certificate-keeper.ts';
import { countReviews } from './counted-reviewer.ts';
import { leftKinds } from './left-kinds.ts';
import { CERTIFICATE_SECRET, type WebhookOptions, type WebhookPlace } from './options.ts';
import type { ObjectsOf } from './read-known.ts';
import { reviewedKinds } from './reviewed-kinds.ts';
import { createReviewer } from './reviewer.ts';
import { serveWebhooks, type WebhookServer } from './serve-webhooks.ts';

/** What of the controller's it takes. */
export type AnswerDeps = Pick<
  ControllerDeps,
  'catalog' | 'checks' | 'claims' | 'client' | 'clock' | 'log' | 'nads' | 'namespace' | 'registry'
>;

/**
 * Reviews objects for API servers, with certificates that are renewed under way. Goes on until the signal aborts, then
 * rejects with its reason.
 */
export async function answerWebhooks(options: WebhookOptions, deps: AnswerDeps, signal: AbortSignal): Promise<never> {
  const { checks, client, clock, log, namespace, registry } = deps;
  using reviewer = countReviews(
    createReviewer(reviewedKinds(await loadLint()), objectsOf(deps), leftKinds(deps.catalog)),
    registry,
  );
  const ending = new AbortController();
  const failed = Promise.withResolvers<never>();
  let server: Promise<WebhookServer> | undefined;
  let isListening = false;
  // Whoever sends API servers here must know when there is nobody yet.
  checks.set('webhooks', () =>
    isListening ? undefined : 'not listening yet: there is no certificate, or the address cannot be had',
  );
  const kept = keepCertificates(
    {
      client,
      clock,
      log,
      secret: { namespace, name: CERTIFICATE_SECRET },
      names: namesOf(options.place),
      onChange({ serving }) {
        const isFirst = server === undefined;
        server ??= serveWebhooks({ ...options, certificate: serving, reviewer, log });
        server.then(running => {
          isListening = true;
          if (isFirst) log.info({ port: running.port }, 'Answering webhooks');
          else running.setCertificate(serving);
        }, failed.reject);
      },
    },
    AbortSignal.any([signal, ending.signal]),
  );
  try {
    return await Promise.race([kept, failed.promise]);
  } finally {
    isListening = false;
    ending.abort();
    // That it could not listen is what ended this.
    await server?.then(
      running => running.close(),
      () => undefined,
    );
  }
}

/** What the controller follows anyway; the rest from when it is first asked for. */
function objectsOf({ catalog, claims, nads }: AnswerDeps): ObjectsOf {
  const own = new Map<Resource, Pick<WatchCache<KubeObject>, 'list' | 'ready'>>([
    [IP_ALLOCATIONS, claims],
    [NETWORK_ATTACHMENT_DEFINITIONS, nads],
  ]);
  return async (resource, signal) => {
    const followed = own.get(resource);
    if (followed === undefined) return catalog.of(resource, signal);
    await followed.ready(signal);
    return followed;
  };
}

function namesOf(place: WebhookPlace): readonly string[] {
  if ('service' in place) return [`${place.service.name}.${place.service.namespace}.svc`];
  return [new URL(place.url).hostname.replace(/^\[(.*)\]$/, '$1')];
}
