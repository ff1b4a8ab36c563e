import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { after, before, test } from 'node:test';
import type { ApiObject } from '../api-object.ts';
import { createObjectStore, type ObjectStore } from '../object-store.ts';
import { createSelfSignedCertificate } from '../self-signed-certificate.ts';
import { callWebhook } from './call-webhook.ts';

const tls = createSelfSignedCertificate(['hook.system.svc']);
const caBundle = Buffer.from(tls.certificate).toString('base64');
let server: Server;
let status = 200;
let port = 0;

before(async () => {
  server = createServer({ cert: tls.certificate, key: tls.key }, (request, response) => {
    response.writeHead(status).end(status === 200 ? JSON.stringify({ url: request.url }) : 'oh no');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
after(() => server.close());

const service = { namespace: 'system', name: 'hook', path: '/review', port: 443 };

function withService(addresses: readonly string[]): ObjectStore {
  const store = createObjectStore();
  const metadata = { namespace: 'system', name: 'hook' };
  const subsets = [{ addresses: addresses.map(ip => ({ ip })), ports: [{ name: 'https', port }] }];
  const ports = [{ name: 'https', port: 443 }];
  store.put('/services', { metadata, spec: { ports } } as unknown as ApiObject); // what is read of it
  store.put('/endpoints', { metadata, subsets } as unknown as ApiObject); // what is read of it
  return store;
}

test("callWebhook() reaches a Service's endpoint, and expects the Service's name in its certificate", async () => {
  const answer = await callWebhook(withService(['127.0.0.1']), { clientConfig: { service, caBundle } }, {});
  assert.deepEqual(answer, { url: '/review?timeout=10s' });
  const other = { clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle } };
  await assert.rejects(
    callWebhook(createObjectStore(), other, {}),
    /Post "https:\/\/127\.0\.0\.1:\d+\/\?timeout=10s": /,
  );
});

test('callWebhook() says what is wrong with Services and answers', async () => {
  const call = (store: ObjectStore): Promise<unknown> =>
    callWebhook(store, { clientConfig: { service, caBundle } }, {});
  await assert.rejects(call(withService([])), /no endpoints available for service "hook"/);
  for (const [code, words] of [
    [500, /an error on the server \("oh no"\) has prevented the request from succeeding/],
    [404, /the server could not find the requested resource/],
    [302, /status code 302/],
  ] as const) {
    status = code;
    await assert.rejects(call(withService(['127.0.0.1'])), words);
  }
});
