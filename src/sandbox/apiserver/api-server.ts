import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { codeOf, messageOf } from '#base';
import type { ApiReply } from './api-handler.ts';
import { createApiHandler } from './api-handler.ts';
import type { JsonObject } from './json.ts';
import type { ObjectStore } from './object-store.ts';
import { createObjectStore } from './object-store.ts';
import { createObjectWriter } from './object-writer.ts';
import { parseProtobufObject } from './protobuf.ts';
import { createResourceRegistry, type ResourceRegistry } from './resource-registry.ts';
import type { CertificatePair } from './self-signed-certificate.ts';
import { findStaticPage } from './static-pages.ts';
import { StatusError, toStatus } from './status-error.ts';
import { startWatchFeed } from './watch-feed.ts';

/** A small Kubernetes API server in memory: real HTTP, real semantics for what it serves, nothing behind it. */
export interface ApiServer {
  /** Starts to listen, on one more address if called again. Resolves with the URL: `https://127.0.0.1:41234`, or `unix:/path`. */
  listen(at: ListenAddress): Promise<string>;
  /** Closes every connection and stops. The store lives on, and another server may serve it. */
  close(): Promise<void>;
  readonly store: ObjectStore;
}

export type ListenAddress =
  | { readonly host?: string; readonly port: number }
  | { readonly path: string }
  | { readonly fd: number };

export interface ApiServerOptions {
  /** Bearer tokens that are let in. Without any, everybody is. */
  readonly tokens?: readonly string[];
  readonly tls?: CertificatePair;
  /** What a server before this one left. @default a new one, with the namespaces `default`, `kube-system`, `kube-public` and `kube-node-lease` */
  readonly store?: ObjectStore;
  /** Changes that watches can resume over; see `createObjectStore`. */
  readonly historyLimit?: number;
  /** Where Services get their addresses: one range of each family that the cluster has, the primary one first. @default 10.96.0.0/16 */
  readonly serviceCidrs?: readonly string[];
  /** @default 60 000 */
  readonly bookmarkIntervalMs?: number;
  /** @default the machine's clock */
  readonly now?: () => number;
}

/** As on the real server: objects above this size are refused before they are read. */
const BODY_LIMIT_BYTES = 3 * 1024 * 1024;
const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';
/** A watcher that does not read is cut off, as the real server does it, instead of filling our memory. */
const WATCH_BACKLOG_BYTES = 16 * 1024 * 1024;

/** A server that does not listen yet, with an empty store unless one is given. */
export function createApiServer(options: ApiServerOptions = {}): ApiServer {
  const { now = Date.now, bookmarkIntervalMs = 60_000 } = options;
  const store =
    options.store ??
    createObjectStore(options.historyLimit === undefined ? {} : { historyLimit: options.historyLimit });
  const registry = createResourceRegistry(store, { serviceCidrs: options.serviceCidrs ?? ['10.96.0.0/16'], now });
  const { handle, stop } = createApiHandler(store, registry, now);
  const servers = new Set<Server>();
  addNamespaces(registry, store, now);

  async function answer(request: IncomingMessage, response: ServerResponse, bytes: Buffer): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://api');
    const page = findStaticPage(url.pathname);
    if (page !== undefined) {
      sendText(response, 200, page.contentType, page.body);
      return;
    }
    if (!isAuthorized(request, options.tokens ?? [])) throw new StatusError(401, 'Unauthorized', 'Unauthorized');
    const { method = 'GET', headers } = request;
    const isProtobuf = headers['content-type']?.startsWith(PROTOBUF_TYPE) === true;
    const warnings = new Set<string>();
    const warn = (text: string): void => {
      warnings.add(text);
      response.setHeader('warning', [...warnings].map(toWarning));
    };
    const reply = await handle({
      method,
      path: url.pathname,
      query: url.searchParams,
      accept: headers.accept,
      contentType: isProtobuf ? 'application/json' : headers['content-type'],
      warn,
      body: isProtobuf && bytes.length > 0 ? JSON.stringify(parseProtobufObject(bytes)) : bytes.toString('utf8'),
    });
    if (reply.kind === 'json') sendJson(response, reply.status, reply.body);
    else if (reply.kind === 'watch') streamWatch(response, reply);
    else sendText(response, 404, 'text/plain; charset=utf-8', '404 page not found\n');
  }

  function streamWatch(response: ServerResponse, reply: Extract<ApiReply, { readonly kind: 'watch' }>): void {
    const send = (event: JsonObject): void => {
      response.write(`${JSON.stringify(event)}\n`);
      if (response.writableLength > WATCH_BACKLOG_BYTES) response.destroy();
    };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const feed = startWatchFeed(store, reply.request, now, send);
    if (feed === undefined) return void response.end();
    const sendBookmark = (): void => {
      const bookmark = feed.bookmark();
      if (bookmark !== undefined) send(bookmark);
    };
    const bookmarks = reply.hasBookmarks ? setInterval(sendBookmark, bookmarkIntervalMs) : undefined;
    const finish = (): void => {
      // Not only when the connection closes: a client that does not read keeps it open behind the end, and nothing may be written there.
      stopWatch();
      if (reply.hasBookmarks) sendBookmark();
      response.end();
    };
    const deadline = reply.timeoutSeconds === undefined ? undefined : setTimeout(finish, reply.timeoutSeconds * 1000);
    const stopWatch = (): void => {
      clearInterval(bookmarks);
      clearTimeout(deadline);
      feed.stop();
    };
    response.once('close', stopWatch);
  }

  const onRequest: RequestListener = (request, response) => {
    readBody(request)
      .then(bytes => answer(request, response, bytes))
      .catch(error => sendError(response, error));
  };

  return {
    store,
    async listen(at) {
      const server =
        options.tls === undefined
          ? http.createServer(onRequest)
          : https.createServer({ cert: options.tls.certificate, key: options.tls.key }, onRequest);
      // Longer than our clients keep idle connections, so that a request never meets one that is being closed.
      server.keepAliveTimeout = 90_000;
      servers.add(server);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen('port' in at ? { host: '127.0.0.1', ...at } : at, resolve);
      });
      return urlOf(server.address(), options.tls === undefined ? 'http' : 'https');
    },
    async close() {
      const closing = [...servers].map(server => new Promise<void>(resolve => server.close(() => resolve())));
      for (const server of servers) server.closeAllConnections();
      stop();
      servers.clear();
      await Promise.all(closing);
    },
  };
}

function addNamespaces(registry: ResourceRegistry, store: ObjectStore, now: () => number): void {
  const resource = registry.find('', 'v1', 'namespaces');
  if (resource === undefined) throw new RangeError('Cannot add namespaces: none are served');
  const writer = createObjectWriter(store, now);
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    if (store.find('/namespaces', undefined, name) === undefined)
      writer.create(resource, undefined, { metadata: { name } });
  }
}

/** Code 299: for people, and of no agent in particular. */
function toWarning(text: string): string {
  return `299 - ${JSON.stringify(text.replaceAll(/\s+/g, ' '))}`;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES)
      throw new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${BODY_LIMIT_BYTES}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isAuthorized(request: IncomingMessage, tokens: readonly string[]): boolean {
  if (tokens.length === 0) return true;
  const given = Buffer.from(/^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '');
  return tokens.some(token => token.length === given.length && timingSafeEqual(Buffer.from(token), given));
}

function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent || codeOf(error) === 'ECONNRESET') return void response.destroy();
  const status =
    error instanceof StatusError
      ? error
      : new StatusError(500, 'InternalError', `Internal error occurred: ${messageOf(error)}`);
  sendJson(response, status.httpStatus, toStatus(status));
}

function sendJson(response: ServerResponse, status: number, body: JsonObject): void {
  sendText(response, status, 'application/json', JSON.stringify(body));
}

function sendText(response: ServerResponse, status: number, contentType: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function urlOf(address: AddressInfo | string | null, scheme: string): string {
  if (address === null || typeof address === 'string') return `unix:${address ?? ''}`;
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `${scheme}://${host}:${address.port}`;
}
