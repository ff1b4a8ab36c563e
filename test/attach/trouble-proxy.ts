/** Stands between a node and its API server, and is as bad a network or server as a test wants. Watches pass undisturbed. */
import http from 'node:http';

export interface TroubleProxy extends AsyncDisposable {
  readonly url: string;
  /** Requests so far, as `METHOD path`, watches left out. */
  readonly requests: readonly string[];
  /** What comes of the requests from now on; undefined: all is well. */
  trouble: Trouble | undefined;
}

export interface Trouble {
  /** Each request waits that long. */
  readonly delayMs?: number;
  /** Each request is answered with that instead. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** No request is answered at all. */
  readonly hangs?: boolean;
  /** Only requests for which it says so are concerned. */
  readonly only?: (request: string) => boolean;
}

export async function startTroubleProxy(target: string): Promise<TroubleProxy> {
  const requests: string[] = [];
  const state: { trouble: Trouble | undefined } = { trouble: undefined };
  const agent = new http.Agent({ keepAlive: true });
  const server = http.createServer((incoming, answer) => {
    const path = incoming.url ?? '';
    const isWatch = /[?&]watch=/.test(path);
    const request = `${incoming.method} ${path.split('?')[0]}`;
    if (!isWatch) requests.push(request);
    const trouble = isWatch || state.trouble?.only?.(request) === false ? undefined : state.trouble;
    if (trouble?.hangs === true) return;
    const pass = (): void => {
      if (trouble?.status !== undefined) {
        incoming.resume();
        answer.writeHead(trouble.status, trouble.headers);
        answer.end('the server is in trouble');
        return;
      }
      const { method, headers } = incoming;
      const outgoing = http.request(new URL(path, target), { method, headers, agent }, reply => {
        answer.writeHead(reply.statusCode ?? 500, reply.headers);
        // A watch's header must not wait for its first event.
        answer.flushHeaders();
        reply.pipe(answer);
        // pipe() does not pass on that the other side broke off.
        reply.on('close', () => {
          if (!reply.complete) answer.destroy();
        });
      });
      outgoing.on('error', () => answer.destroy());
      answer.on('close', () => outgoing.destroy());
      incoming.pipe(outgoing);
    };
    if (trouble?.delayMs === undefined) pass();
    else setTimeout(pass, trouble.delayMs);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    get trouble() {
      return state.trouble;
    },
    set trouble(next) {
      state.trouble = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      agent.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
