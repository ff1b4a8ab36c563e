import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import type { Container, Probe } from '../resources.ts';
import { probeReadiness, resolvePort } from './readiness.ts';

let server: Server;
let container: Container;
/** What the server answers, one a request; the last one for ever. */
let statuses: number[] = [];

beforeEach(async () => {
  server = createServer((_, response) => {
    response.statusCode = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 500;
    response.end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  container = { name: 'c', ports: [{ name: 'http', containerPort: port }] };
});

afterEach(() => server.close());

/** Probes without pauses until `count` verdicts are in. */
async function verdicts(count: number, thresholds: Probe): Promise<[boolean, string][]> {
  const abort = new AbortController();
  const seen: [boolean, string][] = [];
  await probeReadiness({
    container,
    probe: { httpGet: { port: 'http', path: '/' }, periodSeconds: 0, ...thresholds },
    ip: '127.0.0.1',
    signal: abort.signal,
    onVerdict(isReady, reason) {
      seen.push([isReady, reason]);
      if (seen.length === count) abort.abort();
    },
  });
  return seen;
}

test('probeReadiness() tells each failure until the first success', async () => {
  statuses = [500, 404, 200];
  const reason = (status: number): string => `Readiness probe failed: HTTP probe failed with statuscode: ${status}`;
  assert.deepEqual(await verdicts(3, {}), [
    [false, reason(500)],
    [false, reason(404)],
    [true, ''],
  ]);
});

test('probeReadiness() keeps a ready container ready below the failure threshold', async () => {
  statuses = [200, 500, 500, 200, 500, 500, 500];
  const ready = (await verdicts(2, { failureThreshold: 3 })).map(([isReady]) => isReady);
  assert.deepEqual([ready, statuses], [[true, false], [500]]);
});

test('probeReadiness() counts nobody listening as a failure', async () => {
  container = { name: 'c', ports: [{ name: 'http', containerPort: 1 }] };
  assert.match((await verdicts(1, {}))[0]?.[1] ?? '', /ECONNREFUSED/);
});

test('resolvePort() finds a named port', () => {
  assert.equal(resolvePort({ name: 'c', ports: [{ name: 'http', containerPort: 81 }] }, 'http'), 81);
  assert.equal(resolvePort({ name: 'c' }, 82), 82);
});
