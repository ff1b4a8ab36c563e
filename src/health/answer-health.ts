import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { type CheckResult, type Checks, formatChecks } from './checks.ts';

/** What there is to tell. */
export interface HealthSource {
  readonly registry: Registry;
  readonly checks: Checks;
  /** Whether the daemon's start has come to its end. */
  readonly isStarted: () => boolean;
}

/** Answers one request. With `?verbose`, and whenever something is wrong, each check has a line. */
export function answerHealth(request: IncomingMessage, response: ServerResponse, source: HealthSource): void {
  const [path = '/', query] = (request.url ?? '/').split('?');
  const endpoint = path.slice(1);
  if (endpoint === 'metrics') {
    answerMetrics(response, source.registry);
    return;
  }
  const results = resultsOf(endpoint, source);
  if (results === undefined) {
    response.writeHead(404, TEXT).end(`Cannot find "${path}": expected ${PATHS.join(', ')}\n`);
    return;
  }
  const isGood = results.every(({ problem }) => problem === undefined);
  const isShort = isGood && !new URLSearchParams(query).has('verbose');
  response.writeHead(isGood ? 200 : 503, TEXT).end(isShort ? 'ok\n' : formatChecks(endpoint, results));
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };
const PATHS = ['/livez', '/healthz', '/readyz', '/metrics'];

/** What an endpoint is about; undefined where there is none. */
function resultsOf(endpoint: string, { checks, isStarted }: HealthSource): readonly CheckResult[] | undefined {
  // That there is an answer at all is the first thing to know.
  const ping = { name: 'ping', problem: undefined };
  const started = { name: 'started', problem: isStarted() ? undefined : 'starting, or ending' };
  if (endpoint === 'livez') return [ping];
  if (endpoint === 'healthz') return [ping, started];
  return endpoint === 'readyz' ? [ping, started, ...checks.results()] : undefined;
}

function answerMetrics(response: ServerResponse, registry: Registry): void {
  registry.metrics().then(
    text => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
}
