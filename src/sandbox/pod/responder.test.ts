import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dialFrom, requestCheck, type Vantage } from '../checks/vantage.ts';
import { dial, parseDialTarget } from './dial.ts';
import { type Responder, startResponder } from './responder.ts';

let dir = '';
let port = 0;
let vantage: Vantage;
let responder: Responder;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'responder-test-'));
  port = await freePort();
  vantage = { name: 'pod-a', controlSocket: join(dir, 'a.sock') };
  responder = await startResponder({ hostname: 'pod-a', ports: [port], controlSocket: vantage.controlSocket });
});

after(() => {
  responder.close();
  rmSync(dir, { recursive: true });
});

const get = async (path: string): Promise<unknown> => {
  const outcome = await dial({ host: '127.0.0.1', port, path, timeoutMs: 2_000 });
  return 'status' in outcome ? [outcome.status, outcome.body] : outcome.error;
};

test('the responder tells who answered and who asked', async () => {
  assert.deepEqual(await get('/healthz'), [200, 'ok']);
  assert.deepEqual(await get('/hostname'), [200, 'pod-a']);
  assert.deepEqual(await get('/clientip'), [200, '127.0.0.1']);
  assert.deepEqual(((await get('/other')) as readonly unknown[])[0], 404);
});

test('dialFrom() makes a request from where the responder lives', async () => {
  const outcome = await dialFrom(vantage, { host: '127.0.0.1', port });
  assert.ok('status' in outcome && outcome.body === 'pod-a');
});

test('a request check fails on a wrong answer and on no answer', async () => {
  const attempt = (expected: string, at: number): Promise<number> =>
    requestCheck({
      name: 'x',
      family: 'IPv4',
      from: vantage,
      to: 'y',
      target: { host: '127.0.0.1', port: at },
      expected: [expected],
    }).attempt();
  assert.ok((await attempt('pod-a', port)) >= 0);
  await assert.rejects(attempt('pod-b', port), { message: `127.0.0.1:${port} answered 200 "pod-a", expected "pod-b"` });
  await assert.rejects(attempt('pod-a', await freePort()), /ECONNREFUSED/);
});

test('dial() gives up after its time', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address() as { port: number };
  const outcome = await dial({ host: '127.0.0.1', port: address.port, path: '/', timeoutMs: 50 });
  silent.close();
  assert.deepEqual('error' in outcome && outcome.error, `no answer from 127.0.0.1:${address.port} within 50 ms`);
});

test('parseDialTarget() names what is wrong', () => {
  const parse = (query: string): unknown => parseDialTarget(new URLSearchParams(query));
  assert.equal(parse(''), 'Cannot dial: host is missing, expected an address');
  assert.equal(parse('host=a&port=0'), 'Cannot dial: port is "0", expected 1 to 65535');
  assert.equal(parse('host=a&path=x'), 'Cannot dial: path is "x", expected it to start with "/"');
  assert.deepEqual(parse('host=a'), { host: 'a', port: 80, path: '/hostname', timeoutMs: 2_000 });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  return address.port;
}
