import type { FailurePolicy } from '#api';
import { loadLint } from '#attach';
import type { Clock, Log } from '#base';
import type { KubeClient } from '#kube';
import { keepCertificates } from './certificate-keeper.ts';
import { createConfigurationKeeper } from './configuration-keeper.ts';
import type { ObjectsOf } from './read-known.ts';
import { reviewedKinds } from './reviewed-kinds.ts';
import { createReviewer } from './reviewer.ts';
import { serveWebhooks, type WebhookServer } from './serve-webhooks.ts';
import { type WebhookPlace, webhookConfigurations } from './webhook-configurations.ts';

/** Reviews of objects for API servers, by webhooks. */
export interface Webhooks {
  /** Answers, until the signal aborts; then it rejects with its reason. On every replica. */
  serve(signal: AbortSignal): Promise<never>;
  /** Has API servers ask, until the signal aborts; then it rejects with its reason. On the replica that leads. */
  announce(signal: AbortSignal): Promise<never>;
}

export interface WebhookOptions {
  /** @default every address */
  readonly host?: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Where API servers reach it. A URL without a port gets the one that is listened on. */
  readonly place: WebhookPlace;
  /** Where all replicas keep their certificates. */
  readonly secret: { readonly namespace: string; readonly name: string };
  /** @default Ignore */
  readonly failurePolicy?: FailurePolicy;
}

export interface WebhookDeps {
  readonly client: KubeClient;
  /** The cluster's objects, which others are held against. */
  readonly objectsOf: ObjectsOf;
  readonly clock: Clock;
  readonly log: Log;
}

/** Does nothing yet. */
export async function createWebhooks(options: WebhookOptions, deps: WebhookDeps): Promise<Webhooks> {
  const { client, clock, log, objectsOf } = deps;
  const kinds = reviewedKinds(await loadLint());
  const reviewer = createReviewer(kinds, objectsOf);
  const keeper = createConfigurationKeeper({ client, clock, log });
  const { failurePolicy = 'Ignore', place, secret } = options;

  return {
    async serve(signal) {
      let server: Promise<WebhookServer> | undefined;
      const failed = Promise.withResolvers<never>();
      const kept = keepCertificates(
        {
          client,
          secret,
          names: namesOf(place),
          clock,
          log,
          onChange({ authorities, serving }) {
            const isFirst = server === undefined;
            server ??= serveWebhooks({ ...options, certificate: serving, reviewer, log });
            server.then(running => {
              if (!isFirst) running.setCertificate(serving);
              else log.info({ port: running.port }, 'Answering webhooks');
              keeper.set(
                webhookConfigurations({
                  kinds,
                  place: withPort(place, running.port),
                  authorities: authorities.join(''),
                  failurePolicy,
                }),
              );
            }, failed.reject);
          },
        },
        signal,
      );
      try {
        return await Promise.race([kept, failed.promise]);
      } finally {
        await server?.then(
          running => running.close(),
          () => undefined, // that it does not listen is what ended this
        );
      }
    },
    announce: signal => keeper.run(signal),
  };
}

function namesOf(place: WebhookPlace): readonly string[] {
  if ('service' in place) return [`${place.service.name}.${place.service.namespace}.svc`];
  return [new URL(place.url).hostname.replace(/^\[(.*)\]$/, '$1')];
}

function withPort(place: WebhookPlace, port: number): WebhookPlace {
  if ('service' in place) return place;
  const url = new URL(place.url);
  if (url.port === '') url.port = String(port);
  return { url: url.href.replace(/\/$/, '') };
}
