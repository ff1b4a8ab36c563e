import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import type { AdmissionRequest } from '#api';
import { silentLog } from '#base';
import { type CertificateSet, renewCertificates } from './certificate-set.ts';
import type { Reviewer } from './reviewer.ts';
import { serveWebhooks, type WebhookServer } from './serve-webhooks.ts';

const set = renewCertificates(undefined, ['127.0.0.1'], Date.now());
const REVIEW = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u1',
    resource: { group: 'g', version: 'v1', resource: 'rs' },
    operation: 'CREATE',
    object: { metadata: { name: 'x', creationTimestamp: null } },
    oldObject: null,
  },
};

async function serve(t: TestContext, reviewer: Partial<Reviewer> = {}): Promise<WebhookServer> {
  const allow = async ({ uid }: AdmissionRequest) => ({ uid, allowed: true });
  const server = await serveWebhooks({
    host: '127.0.0.1',
    port: 0,
    certificate: set.serving,
    reviewer: { validate: allow, complete: allow, ...reviewer },
    log: silentLog,
  });
  t.after(() => server.close());
  return server;
}

async function ask(
  { port }: WebhookServer,
  path: string,
  body: string,
  {
    authorities = set.authorities,
    method = 'POST',
  }: { authorities?: CertificateSet['authorities']; method?: string } = {},
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const request = https.request({ host: '127.0.0.1', port, path, method, ca: [...authorities], agent: false });
  request.end(body);
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, body: text };
}

test('serveWebhooks() answers each path by its reviewer, without what API servers write as null', async t => {
  const asked: AdmissionRequest[] = [];
  const server = await serve(t, {
    async validate(request) {
      asked.push(request);
      return { uid: request.uid, allowed: false };
    },
  });
  const answer = await ask(server, '/validate?timeout=5s', JSON.stringify(REVIEW));
  assert.equal(answer.status, 200);
  const { apiVersion, kind } = REVIEW;
  assert.deepEqual(JSON.parse(answer.body), { apiVersion, kind, response: { uid: 'u1', allowed: false } });
  assert.deepEqual(asked, [
    { uid: 'u1', resource: REVIEW.request.resource, operation: 'CREATE', object: { metadata: { name: 'x' } } },
  ]);
  const { body } = await ask(server, '/mutate', JSON.stringify(REVIEW));
  assert.equal(JSON.parse(body).response.allowed, true);
});

test('serveWebhooks() refuses what API servers never send', async t => {
  const server = await serve(t);
  const statusOf = async (path: string, body: string, method?: string): Promise<number | undefined> =>
    (await ask(server, path, body, method === undefined ? {} : { method })).status;
  assert.equal(await statusOf('/other', JSON.stringify(REVIEW)), 404);
  assert.equal(await statusOf('/validate', '', 'PUT'), 405);
  assert.equal(await statusOf('/validate', '{'), 400);
  assert.equal(await statusOf('/validate', '{"kind": "Pod"}'), 400);
  assert.equal(await statusOf('/validate', JSON.stringify({ ...REVIEW, request: { uid: 1 } })), 400);
  assert.equal(await statusOf('/validate', ' '.repeat(9 * 1024 * 1024)), 413);
});

test('serveWebhooks() says of what it cannot judge that it cannot, and refuses nothing', async t => {
  const server = await serve(t, { validate: () => Promise.reject(new Error('no idea')) });
  const { status, body } = await ask(server, '/validate', JSON.stringify(REVIEW));
  assert.deepEqual([status, body], [500, 'no idea\n']);
});

test('serveWebhooks() shows another certificate from then on, and goes on with connections that there are', async t => {
  const server = await serve(t);
  const old = tls.connect({ host: '127.0.0.1', port: server.port, ca: [...set.authorities] });
  await once(old, 'secureConnect');
  const other = renewCertificates(undefined, ['127.0.0.1'], Date.now());
  server.setCertificate(other.serving);
  assert.equal((await ask(server, '/mutate', JSON.stringify(REVIEW), other)).status, 200);
  await assert.rejects(ask(server, '/mutate', JSON.stringify(REVIEW)), /verify|signature|issuer|self-signed/);
  const body = JSON.stringify(REVIEW);
  old.write(`POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  const [answer] = await once(old, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 200/);
  old.destroy();
});
