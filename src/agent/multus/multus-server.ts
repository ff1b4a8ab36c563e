import { chmodSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import type { Attacher } from '#attach';
import { codeOf, type Log, messageOf } from '#base';
import { CniError, findCniVersion, formatResult, NEWEST_VERSION, parseRequest, parseResult, toCniError } from '#cni';
import { Counter, type Registry } from '#health';
import { clearSocket, listenPrivately } from '../private-socket.ts';
import { type MultusRequest, parseMultusRequest } from './multus-request.ts';

export interface MultusServerOptions {
  /** `multus.sock` in a folder that becomes 0700. */
  readonly socket: string;
  readonly attacher: Pick<Attacher, 'handle' | 'delegate'>;
  /** Whether requests can be carried out by now. */
  readonly isReady: () => boolean;
  /** Where callers that name no CNI_PATH would find plugins. */
  readonly binDirs: readonly string[];
  readonly registry: Registry;
  readonly log: Log;
}

export interface MultusServer {
  close(): void;
}

/** Room for an environment and a configuration, the latter in base64. */
const BODY_LIMIT = 2 * 1024 * 1024;

/**
 * Answers as Multus' daemon does: `/cni`, `/delegate` and `/healthz` over HTTP/1.1 on a unix socket, one request a
 * connection. For controllers that attach networks to running pods, and for Multus' own shim.
 * @throws AgentError SOCKET_IN_USE when its daemon still runs
 */
export async function serveMultus(options: MultusServerOptions): Promise<MultusServer> {
  const { socket, registry, log } = options;
  await clearSocket(socket);
  chmodSync(dirname(socket), 0o700);
  const counter = new Counter({
    name: 'multus_server_request_total',
    help: "Requests to Multus' socket",
    labelNames: ['handler', 'code', 'method'],
    registers: [registry],
  });
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    const handler = HANDLERS.has(path) ? path : 'NotFound';
    response.setHeader('connection', 'close');
    response.once('finish', () => {
      counter.inc({ handler, code: String(response.statusCode), method: (request.method ?? '').toLowerCase() });
    });
    respond(handler, request, response, options).catch((error: unknown) => {
      log.warn({ error: messageOf(error) }, "A request to Multus' socket failed");
      response.destroy();
    });
  });
  await listenPrivately(server, socket);
  server.on('error', error => log.error({ error: messageOf(error) }, "Multus' socket failed"));
  return {
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const HANDLERS: ReadonlySet<string> = new Set(['/cni', '/delegate', '/healthz']);

async function respond(
  handler: string,
  request: IncomingMessage,
  response: ServerResponse,
  options: MultusServerOptions,
): Promise<void> {
  if (handler === 'NotFound') return answer(response, 404, 'text/plain', '404 page not found\n');
  if (handler === '/healthz') {
    const isHealthy = options.isReady();
    if (request.method !== 'GET' && request.method !== 'POST') return refuseMethod(response);
    return answer(response, isHealthy ? 200 : 503, 'text/plain', isHealthy ? '' : 'starting\n');
  }
  if (request.method !== 'POST') return refuseMethod(response);
  const hangUp = new AbortController();
  response.once('close', () => hangUp.abort(new CniError('CNI_TRY_AGAIN_LATER', 'The caller hung up')));
  try {
    if (!options.isReady()) throw new CniError('CNI_TRY_AGAIN_LATER', 'The agent is starting');
    const asked = parseMultusRequest(await readBody(request), {
      CNI_IFNAME: 'eth0',
      CNI_PATH: options.binDirs.join(':'),
    });
    const stdout = await (handler === '/cni' ? runCni : runDelegate)(asked, options, hangUp.signal);
    const version = findCniVersion(asked.config);
    // Whoever asks prints it in the version that it wants itself.
    const body = stdout === '' ? '' : `{"Result":${formatResult(parseResult(stdout, version), NEWEST_VERSION).trim()}}`;
    answer(response, 200, 'application/json', body);
  } catch (error) {
    options.log.warn({ handler, code: codeOf(error), error: messageOf(error) }, 'Failed');
    answer(response, 400, 'application/json', JSON.stringify(toCniError(error)));
  }
}

function runCni(
  { env, config }: MultusRequest,
  { attacher }: MultusServerOptions,
  signal: AbortSignal,
): Promise<string> {
  return attacher.handle(parseRequest({ plugin: 'multus-shim', env, stdin: config }), { signal });
}

function runDelegate(
  { env, config, ...asked }: MultusRequest,
  { attacher }: MultusServerOptions,
  signal: AbortSignal,
): Promise<string> {
  // The configuration may be a list, which is no plugin's; container and interface are read beside it.
  const stdin = JSON.stringify({ cniVersion: NEWEST_VERSION, name: 'delegate', type: 'underlane' });
  return attacher.delegate({ cni: parseRequest({ plugin: 'underlane', env, stdin }), config, ...asked }, { signal });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    // Bytes, as long as nobody sets an encoding.
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > BODY_LIMIT) {
      throw new CniError('CNI_DECODING_FAILURE', `Cannot use the request: its body has more than ${BODY_LIMIT} bytes`);
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refuseMethod(response: ServerResponse): void {
  answer(response, 405, 'text/plain', 'Method not allowed\n');
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}
