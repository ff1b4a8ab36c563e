import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AdmissionRequest, AdmissionResponse, AdmissionReview } from '#api';
import { isJsonObject, type JsonObject, type Log, messageOf } from '#base';
import type { CertificatePair } from '#certificates';
import type { Reviewer } from './reviewer.ts';

/** What API servers ask, over HTTPS. */
export interface WebhookServer {
  readonly port: number;
  /** For connections that are made from now on. */
  setCertificate(pair: CertificatePair): void;
  close(): void;
}

export interface WebhookServerOptions {
  /** @default every address */
  readonly host?: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly certificate: CertificatePair;
  readonly reviewer: Reviewer;
  readonly log: Log;
}

export const VALIDATE_PATH = '/validate';
export const MUTATE_PATH = '/mutate';

/** An object and what it was before, of 1.5 MB each at the most, with room for the frame. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;
/** API servers send at once. */
const REQUEST_LIMIT_MS = 10_000;
/** Below the time after which API servers go on without us. */
const ANSWER_LIMIT_MS = 4_000;

/**
 * Listens. What cannot be judged gets HTTP 500: the API server then does as it was told to do without an answer, so that no
 * defect here refuses anything.
 * @throws an Error when it cannot listen
 */
export async function serveWebhooks(options: WebhookServerOptions): Promise<WebhookServer> {
  const { certificate, log, reviewer } = options;
  const server = https.createServer(
    { ...toContext(certificate), requestTimeout: REQUEST_LIMIT_MS },
    (request, response) => {
      answer(request, reviewer).then(
        review => send(response, 200, JSON.stringify(review), 'application/json'),
        (error: unknown) => {
          if (error instanceof BadRequest) return send(response, error.status, `${error.message}\n`);
          log.error(
            { path: request.url, error: messageOf(error) },
            'Cannot review an object; it goes on as if unasked',
          );
          return send(response, 500, `${messageOf(error)}\n`);
        },
      );
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: options.port, ...(options.host === undefined ? {} : { host: options.host }) }, resolve);
  });
  // Clients that speak no TLS, or do not trust us: theirs to say.
  server.on('tlsClientError', error => log.debug({ error: messageOf(error) }, 'A client has not come through'));
  const address = server.address();
  return {
    port: address === null || typeof address === 'string' ? options.port : address.port,
    setCertificate: pair => server.setSecureContext(toContext(pair)),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What API servers never send. */
class BadRequest extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function answer(request: IncomingMessage, reviewer: Reviewer): Promise<AdmissionReview> {
  const path = new URL(request.url ?? '/', 'https://webhooks').pathname;
  if (path !== VALIDATE_PATH && path !== MUTATE_PATH) throw new BadRequest(404, `No such path: ${path}`);
  if (request.method !== 'POST') throw new BadRequest(405, 'Expected a POST of an AdmissionReview');
  const asked = parseRequest(await readBody(request));
  const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
  const response: AdmissionResponse = await (path === VALIDATE_PATH
    ? reviewer.validate(asked, signal)
    : reviewer.complete(asked, signal));
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) throw new BadRequest(413, `Expected at most ${BODY_LIMIT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseRequest(body: string): AdmissionRequest {
  let review: unknown;
  try {
    review = JSON.parse(body);
  } catch {
    throw new BadRequest(400, 'Expected JSON');
  }
  const request = isJsonObject(review) && review['kind'] === 'AdmissionReview' ? review['request'] : undefined;
  if (!isJsonObject(request) || typeof request['uid'] !== 'string' || !isJsonObject(request['resource'])) {
    throw new BadRequest(400, 'Expected an AdmissionReview with a request');
  }
  // DELETE and CREATE send null for what there is not; the rest of it is the API server's own.
  const { object, oldObject, ...rest } = request;
  return {
    ...rest,
    ...(isJsonObject(object) ? { object: withoutNulls(object) } : {}),
    ...(isJsonObject(oldObject) ? { oldObject: withoutNulls(oldObject) } : {}),
  } as unknown as AdmissionRequest;
}

/** API servers write an object's times as null before they set them. */
function withoutNulls({ metadata, ...object }: JsonObject): JsonObject {
  const entries = Object.entries(isJsonObject(metadata) ? metadata : {}).filter(([, value]) => value !== null);
  return { ...object, metadata: Object.fromEntries(entries) };
}

function send(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function toContext({ certificate, key }: CertificatePair): https.ServerOptions {
  return { cert: certificate, key, minVersion: 'TLSv1.2' };
}
