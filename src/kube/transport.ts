import type { IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { Clock } from '#base';
import { codeOf, messageOf } from '#base';
import { ApiError, UNREACHABLE } from './errors.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import { createTokenSource } from './token-source.ts';

/** HTTP to one API server: connections, TLS, authentication, deadlines. */
export interface Transport {
  /**
   * Sends a request and resolves once the answer's header is there; whoever gets it reads or destroys it.
   * @throws ApiError `Unreachable`; the signal's reason when aborted
   */
  open(request: TransportRequest): Promise<IncomingMessage>;
  close(): void;
}

export interface TransportRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /** For the whole answer; in a stream, for its header and then for each silence. */
  readonly timeoutMs: number;
  /** A watch: its own agent, so that it never takes a place from short requests, and TCP keep-alive. */
  readonly isStream?: boolean;
}

/** Below the 90 s after which kube-apiserver drops idle connections: a request must not meet a connection that is just being closed. */
const IDLE_SOCKET_MS = 30_000;
/** A peer that vanished is noticed after this plus ten probes of one second. */
const KEEP_ALIVE_AFTER_MS = 15_000;

/** Opens connections on first use. */
export function createTransport(config: Kubeconfig, userAgent: string, clock: Clock): Transport {
  const base = new URL(config.server);
  const isTls = base.protocol === 'https:';
  const agents = createAgents(config, isTls);
  const nextToken = createTokenSource(config, clock);
  const prefix = base.pathname.replace(/\/+$/, '');

  function send(request: TransportRequest): Promise<IncomingMessage> {
    const token = nextToken();
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const options: https.RequestOptions = {
      host: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port === '' ? (isTls ? 443 : 80) : Number(base.port),
      path: prefix + request.path,
      method: request.method,
      agent: request.isStream ? agents.stream : agents.short,
      headers: {
        'user-agent': userAgent,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(request.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(request.body)) }),
        ...request.headers,
      },
    };
    const call = isTls ? https.request(options) : http.request(options);
    const { signal } = request;
    let response: IncomingMessage | undefined;
    const abandon = (reason: Error): void => {
      (response ?? call).destroy(reason);
    };
    const onAbort = (): void => abandon(signal?.reason instanceof Error ? signal.reason : new Error('Aborted'));
    signal?.addEventListener('abort', onAbort, { once: true });
    const onSilence = (): void => abandon(new Error(`no answer for ${request.timeoutMs} ms`));
    const deadline = request.isStream ? undefined : setTimeout(onSilence, request.timeoutMs);
    if (request.isStream) {
      call.setTimeout(request.timeoutMs, onSilence);
      call.once('socket', socket => socket.setKeepAlive(true, KEEP_ALIVE_AFTER_MS));
    }
    call.once('close', () => {
      clearTimeout(deadline);
      signal?.removeEventListener('abort', onAbort);
    });
    call.once('response', message => {
      response = message;
      resolve(message);
    });
    call.on('error', error => {
      const reset = call.reusedSocket && codeOf(error) === 'ECONNRESET';
      reject(signal?.aborted ? signal.reason : toUnreachable(request, config.server, error, reset));
    });
    call.end(request.body);
    return promise;
  }

  return {
    async open(request) {
      request.signal?.throwIfAborted();
      try {
        return await send(request);
      } catch (error) {
        // The server closed an idle connection while our request was on its way. Reading again is always safe.
        const isStale = error instanceof ApiError && error.details['staleConnection'] === true;
        if (isStale && request.method === 'GET') return send(request);
        throw error;
      }
    },
    close() {
      agents.short.destroy();
      agents.stream.destroy();
    },
  };
}

/** The error for a request that got no (complete) answer. */
export function toUnreachable(
  request: TransportRequest,
  server: string,
  cause: unknown,
  staleConnection = false,
): ApiError {
  return new ApiError(UNREACHABLE, `Cannot ${request.method} ${request.path} at ${server}: ${messageOf(cause)}`, {
    cause,
    details: { staleConnection },
  });
}

function createAgents(config: Kubeconfig, isTls: boolean): { readonly short: http.Agent; readonly stream: http.Agent } {
  if (!isTls) {
    return {
      short: new http.Agent({ keepAlive: true, timeout: IDLE_SOCKET_MS, scheduling: 'lifo' }),
      stream: new http.Agent({ keepAlive: false }),
    };
  }
  const tls: https.AgentOptions = {
    rejectUnauthorized: config.isTlsVerified,
    ...(config.ca === undefined ? {} : { ca: config.ca }),
    ...(config.clientCertificate === undefined ? {} : { cert: config.clientCertificate }),
    ...(config.clientKey === undefined ? {} : { key: config.clientKey }),
    ...(config.tlsServerName === undefined ? {} : { servername: config.tlsServerName }),
  };
  return {
    short: new https.Agent({ ...tls, keepAlive: true, timeout: IDLE_SOCKET_MS, scheduling: 'lifo' }),
    stream: new https.Agent({ ...tls, keepAlive: false }),
  };
}
