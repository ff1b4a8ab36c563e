import { IP_ALLOCATIONS } from '#api';
import { loadLint } from '#attach';
import type { ControllerDeps } from '../deps.ts';
import { keepCertificates } from './certificate-keeper.ts';
import { countReviews } from './counted-reviewer.ts';
import { CERTIFICATE_SECRET, type WebhookOptions, type WebhookPlace } from './options.ts';
import type { ObjectsOf } from './read-known.ts';
import { reviewedKinds } from './reviewed-kinds.ts';
import { createReviewer } from './reviewer.ts';
import { serveWebhooks, type WebhookServer } from './serve-webhooks.ts';

/** What of the controller's it takes. */
export type AnswerDeps = Pick<
  ControllerDeps,
  'catalog' | 'claims' | 'client' | 'clock' | 'log' | 'namespace' | 'registry'
>;

/**
 * Reviews objects for API servers, with certificates that are renewed under way. Goes on until the signal aborts, then
 * rejects with its reason.
 */
export async function answerWebhooks(options: WebhookOptions, deps: AnswerDeps, signal: AbortSignal): Promise<never> {
  const { client, clock, log, namespace, registry } = deps;
  using reviewer = countReviews(createReviewer(reviewedKinds(await loadLint()), objectsOf(deps)), registry);
  const ending = new AbortController();
  const failed = Promise.withResolvers<never>();
  let server: Promise<WebhookServer> | undefined;
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
    ending.abort();
    // That it could not listen is what ended this.
    await server?.then(
      running => running.close(),
      () => undefined,
    );
  }
}

/** Claims are followed anyway; the rest from when it is first asked for. */
function objectsOf({ catalog, claims }: AnswerDeps): ObjectsOf {
  return async (resource, signal) => {
    if (resource !== IP_ALLOCATIONS) return catalog.of(resource, signal);
    await claims.ready(signal);
    return claims;
  };
}

function namesOf(place: WebhookPlace): readonly string[] {
  if ('service' in place) return [`${place.service.name}.${place.service.namespace}.svc`];
  return [new URL(place.url).hostname.replace(/^\[(.*)\]$/, '$1')];
}
