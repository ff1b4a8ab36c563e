import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import {
  IP_ALLOCATIONS,
  MUTATING_WEBHOOK_CONFIGURATIONS,
  NETWORK_ATTACHMENT_DEFINITIONS,
  SECRETS,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
} from '#api';
import { silentLog, systemClock } from '#base';
import { createChecks, Registry } from '#health';
import { createPoolCatalog } from '#ipam';
import { createKubeClient, createWatchCache, type KubeClient } from '#kube';
import { createApiServer } from '../../sandbox/apiserver/mod.ts';
import { announceWebhooks } from './announce-webhooks.ts';
import { answerWebhooks } from './answer-webhooks.ts';
import { keepCertificates } from './certificate-keeper.ts';
import type { CertificateSet } from './certificate-set.ts';
import { CERTIFICATE_SECRET } from './options.ts';

const secret = { namespace: 'kube-system', name: CERTIFICATE_SECRET };
const common = { clock: systemClock, log: silentLog };

async function withServer(t: TestContext): Promise<{ readonly client: KubeClient; readonly signal: AbortSignal }> {
  const server = createApiServer();
  const url = await server.listen({ port: 0 });
  const client = createKubeClient({ server: url, isTlsVerified: true, namespace: 'default' });
  const ending = new AbortController();
  t.after(async () => {
    ending.abort();
    client.close();
    await server.close();
  });
  return { client, signal: ending.signal };
}

/** A replica's certificates, one set after the other. */
function createReplica(client: KubeClient, signal: AbortSignal) {
  const sets: CertificateSet[] = [];
  let changed = Promise.withResolvers<void>();
  const kept = keepCertificates(
    {
      ...common,
      client,
      secret,
      names: ['a.test.svc'],
      onChange(set) {
        sets.push(set);
        changed.resolve();
        changed = Promise.withResolvers();
      },
    },
    signal,
  );
  kept.catch(() => undefined); // rejects with the end of the test
  return {
    /** The n-th set, from 1. */
    async nth(n: number): Promise<CertificateSet> {
      while (sets.length < n) await changed.promise;
      return sets[n - 1] ?? assert.fail();
    },
  };
}

test('keepCertificates() has all replicas serve the same certificate, and another when it is gone', async t => {
  const { client, signal } = await withServer(t);
  const replicas = Array.from({ length: 4 }, () => createReplica(client, signal));
  const first = await Promise.all(replicas.map(replica => replica.nth(1)));
  for (const set of first) assert.deepEqual(set, first[0]);
  const stored = await client.get(SECRETS, secret);
  assert.equal(stored.type, 'kubernetes.io/tls');
  await client.delete(SECRETS, secret);
  const second = await Promise.all(replicas.map(replica => replica.nth(2)));
  for (const set of second) assert.deepEqual(set, second[0]);
  assert.notDeepEqual(second[0], first[0]);
});

test('keepCertificates() mends a Secret that somebody has spoilt, whatever its type', async t => {
  const { client, signal } = await withServer(t);
  await client.create(SECRETS, { metadata: secret, type: 'Opaque', data: { 'tls.crt': 'cnViYmlzaA==' } });
  const { serving } = await createReplica(client, signal).nth(1);
  assert.equal(new X509Certificate(serving.certificate).checkHost('a.test.svc'), 'a.test.svc');
  assert.equal((await client.get(SECRETS, secret)).type, 'Opaque');
});

test('announceWebhooks() waits for authorities, follows them, and leaves alone what is as it should be', async t => {
  const { client, signal } = await withServer(t);
  const options = { port: 1, place: { url: 'https://127.0.0.1:1' } };
  announceWebhooks(options, { ...common, client, namespace: secret.namespace }, signal).catch(() => undefined);
  const bundles = client.watch(VALIDATING_WEBHOOK_CONFIGURATIONS, { resourceVersion: '0' }, { signal });
  const versions: string[] = [];
  const iterator = bundles[Symbol.asyncIterator]();
  const nextBundle = async (): Promise<string> => {
    for (;;) {
      const { value: event } = await iterator.next();
      if (event === undefined) return assert.fail('the watch has ended');
      if (event.type === 'BOOKMARK') continue;
      versions.push(event.object.metadata.resourceVersion ?? '');
      const bundle = event.object.webhooks?.[0]?.clientConfig.caBundle ?? '';
      return Buffer.from(bundle, 'base64').toString();
    }
  };
  assert.equal((await client.list(VALIDATING_WEBHOOK_CONFIGURATIONS)).items.length, 0);
  const replica = createReplica(client, signal);
  assert.equal(await nextBundle(), (await replica.nth(1)).authorities.join(''));
  await client.mergePatch(SECRETS, secret, { metadata: { labels: { seen: 'yes' } } });
  await client.delete(SECRETS, secret);
  assert.equal(await nextBundle(), (await replica.nth(2)).authorities.join(''));
  assert.equal(versions.length, 2);
  const { items } = await client.list(MUTATING_WEBHOOK_CONFIGURATIONS);
  assert.equal(items[0]?.metadata.name, 'underlane');
});

test('answerWebhooks() ends when it cannot listen, and leaves nothing that would be in the way of another try', async t => {
  const { client, signal } = await withServer(t);
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const address = taken.address();
  assert.ok(address !== null && typeof address === 'object');
  const { port } = address;
  const registry = new Registry();
  const none = createWatchCache({ client, resource: IP_ALLOCATIONS, signal, log: silentLog, isOptional: true });
  const nads = createWatchCache({
    client,
    resource: NETWORK_ATTACHMENT_DEFINITIONS,
    signal,
    log: silentLog,
    isOptional: true,
  });
  const deps = {
    ...common,
    client,
    registry,
    checks: createChecks(),
    catalog: createPoolCatalog({ client, signal, log: silentLog }),
    claims: none,
    nads,
    namespace: secret.namespace,
  };
  const options = { host: '127.0.0.1', port, place: { url: `https://127.0.0.1:${port}` } };
  await assert.rejects(answerWebhooks(options, deps, signal), { code: 'EADDRINUSE' });
  await assert.rejects(answerWebhooks(options, deps, signal), { code: 'EADDRINUSE' });
  assert.deepEqual(await registry.getMetricsAsJSON(), []);
});
