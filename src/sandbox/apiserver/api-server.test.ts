import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ApiServer, ApiServerOptions } from './api-server.ts';
import { createApiServer } from './api-server.ts';
import type { ObjectStore } from './object-store.ts';
import { createObjectStore } from './object-store.ts';
import { writeKubeconfig } from './write-kubeconfig.ts';

type Call = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ readonly status: number; readonly text: string }>;

async function withServer(
  run: (server: ApiServer, call: Call, url: string) => Promise<void>,
  options: ApiServerOptions = {},
): Promise<void> {
  const server = createApiServer(options);
  const url = await server.listen({ port: 0 });
  try {
    await run(server, (method, path, body) => request({ ...addressOf(url), method, path }, body), url);
  } finally {
    await server.close();
  }
}

function addressOf(url: string): http.RequestOptions {
  const { hostname, port } = new URL(url);
  return { host: hostname, port, agent: false };
}

async function open(options: http.RequestOptions, body?: unknown): Promise<IncomingMessage> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const call = http.request({
    ...options,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
  });
  call.end(text);
  const [response] = await once(call, 'response');
  return response as IncomingMessage; // what Node emits with this event
}

async function request(
  options: http.RequestOptions,
  body?: unknown,
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await open(options, body);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') };
}

const POD = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };

test('listen() serves a unix socket beside a port', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-api-'));
  await withServer(async (server, call) => {
    assert.equal((await call('GET', '/readyz')).text, 'ok');
    const path = join(dir, 'api.sock');
    assert.equal(await server.listen({ path }), `unix:${path}`);
    assert.equal((await request({ socketPath: path, path: '/readyz', agent: false })).text, 'ok');
  });
  rmSync(dir, { recursive: true });
});

test('listen() serves a descriptor inherited from the process that opened the port', async () => {
  const inherited = createServer().listen(0, '127.0.0.1');
  await once(inherited, 'listening');
  const { fd } = (inherited as unknown as { readonly _handle: { readonly fd: number } })._handle; // no public way to a listener's descriptor
  const door = new URL('./mod.ts', import.meta.url).href;
  const script = `const { createApiServer } = await import(${JSON.stringify(door)}); console.log(await createApiServer().listen({ fd: 3 }));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit', fd],
  });
  const { stdout } = child;
  assert.ok(stdout !== null);
  inherited.close(); // the child has its own copy, and ours must not take its connections
  try {
    const [line] = await once(stdout, 'data');
    assert.equal((await request({ ...addressOf(String(line).trim()), path: '/readyz' })).text, 'ok');
  } finally {
    child.kill('SIGKILL');
  }
});

test('listen() rejects where the address is taken', async () => {
  await withServer(async (server, _call, url) => {
    await assert.rejects(server.listen({ port: Number(new URL(url).port) }), /EADDRINUSE/);
  });
});

test('only health, version and OpenAPI are open to callers without a token', async () => {
  await withServer(
    async (_server, call) => {
      for (const path of ['/healthz', '/readyz', '/livez', '/version', '/openapi/v3', '/openapi/v2'])
        assert.equal((await call('GET', path)).status, 200, path);
      for (const path of ['/api', '/apis', '/api/v1/pods', '/nowhere'])
        assert.equal((await call('GET', path)).status, 401, path);
    },
    { tokens: ['secret'] },
  );
});

test('a watch from a version that is too old gets an ERROR event with 410 and ends', async () => {
  await withServer(async (server, call) => {
    const since = server.store.version;
    await call('POST', '/api/v1/namespaces/default/pods', POD);
    server.store.compact();
    const { status, text } = await call('GET', `/api/v1/namespaces/default/pods?watch=true&resourceVersion=${since}`);
    const event = JSON.parse(text);
    assert.deepEqual([status, event.type, event.object.code, event.object.reason], [200, 'ERROR', 410, 'Expired']);
  });
});

test('a watch with a time limit ends by itself, with a bookmark if it asked for some', async () => {
  await withServer(async (server, call) => {
    const { text } = await call(
      'GET',
      '/api/v1/pods?watch=true&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=0',
    );
    const event = JSON.parse(text);
    assert.deepEqual(
      [event.type, event.object.kind, event.object.metadata.resourceVersion],
      ['BOOKMARK', 'Pod', String(server.store.version)],
    );
  });
});

test('a watch that is over sends nothing more to a client that has yet to read its end', async () => {
  const store = createObjectStore();
  const over = Promise.withResolvers<void>();
  const subscribe: ObjectStore['subscribe'] = (storage, listener) => {
    const unsubscribe = store.subscribe(storage, listener);
    return () => {
      unsubscribe();
      over.resolve();
    };
  };
  await withServer(
    async (_server, call, url) => {
      const path = '/api/v1/namespaces/default/configmaps';
      const text = 'x'.repeat(2.8 * 1024 * 1024);
      const make = async (name: string): Promise<number> =>
        (await call('POST', path, { metadata: { name }, data: { text } })).status;
      // More than the sockets' buffers hold, less than a watcher is cut off for.
      for (const name of ['a', 'b', 'c', 'd', 'e']) await make(name);
      const watch = await open({ ...addressOf(url), path: `${path}?watch=true&timeoutSeconds=1` });
      const deadline = setTimeout(() => over.reject(new Error('The watch goes on after its time')), 10_000);
      await over.promise;
      clearTimeout(deadline);
      assert.equal(await make('f'), 201);

      let stream = '';
      for await (const chunk of watch.setEncoding('utf8')) stream += chunk;
      const names = stream.match(/"name":"(.)"/g);
      assert.deepEqual(names, ['"name":"a"', '"name":"b"', '"name":"c"', '"name":"d"', '"name":"e"']);
    },
    { store: { ...store, subscribe } },
  );
});

test('close() ends open watches, and the store serves on under another server', async () => {
  await withServer(async (server, call, url) => {
    await call('POST', '/api/v1/namespaces/default/pods', POD);
    const watch = await open({ ...addressOf(url), path: '/api/v1/pods?watch=true' });
    const ended = new Promise(resolve =>
      watch
        .on('error', () => undefined)
        .once('close', resolve)
        .resume(),
    );
    await server.close();
    await ended;
    const second = createApiServer({ store: server.store });
    const next = await second.listen({ port: 0 });
    assert.equal((await request({ ...addressOf(next), path: '/api/v1/namespaces/default/pods/p' })).status, 200);
    await second.close();
  });
});

test('a deleted namespace takes what is in it along, and goes when its last pod is gone', async () => {
  await withServer(async (_server, call) => {
    const status = async (path: string): Promise<number> => (await call('GET', path)).status;
    await call('POST', '/api/v1/namespaces', { metadata: { name: 'n' } });
    await call('POST', '/api/v1/namespaces/n/configmaps', { metadata: { name: 'c' } });
    await call('POST', '/api/v1/namespaces/n/pods', POD);
    await call('POST', '/api/v1/namespaces/n/pods/p/binding', { metadata: { name: 'p' }, target: { name: 'node' } });
    await call('DELETE', '/api/v1/namespaces/n');
    assert.equal(await status('/api/v1/namespaces/n/configmaps/c'), 404);
    assert.match((await call('GET', '/api/v1/namespaces/n')).text, /"phase":"Terminating"/);
    assert.equal((await call('POST', '/api/v1/namespaces/n/configmaps', { metadata: { name: 'd' } })).status, 403);
    await call('DELETE', '/api/v1/namespaces/n/pods/p', { gracePeriodSeconds: 0 });
    assert.equal(await status('/api/v1/namespaces/n'), 404);
  });
});

test('bodies that are no JSON, too large or in another format are refused', async () => {
  await withServer(async (_server, call, url) => {
    const path = '/api/v1/namespaces/default/configmaps';
    const big = await call('POST', path, { metadata: { name: 'x' }, data: { a: 'x'.repeat(3 * 1024 * 1024) } });
    assert.equal(big.status, 413);
    assert.equal((await call('POST', path, 'text')).status, 400);
    assert.equal((await call('POST', path)).status, 400);
    const protobuf = http.request({
      ...addressOf(url),
      method: 'POST',
      path,
      headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
    });
    protobuf.end('k8s');
    const [response] = await once(protobuf, 'response');
    assert.equal(response.statusCode, 400);
    response.resume();
  });
});

test('writeKubeconfig() keeps its token from others', () => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-api-'));
  const path = join(dir, 'kubeconfig');
  writeKubeconfig({ path, server: 'https://10.0.0.1:6443', caPem: 'CA', token: 'secret' });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const config = JSON.parse(readFileSync(path, 'utf8'));
  assert.deepEqual(
    [config.clusters[0].cluster['certificate-authority-data'], config.users[0].user.token],
    ['Q0E=', 'secret'],
  );
  rmSync(dir, { recursive: true });
});
