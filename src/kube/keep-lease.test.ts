import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEASES, type Lease } from '#api';
import { type Clock, silentLog } from '#base';
import { createApiServer } from '../sandbox/apiserver/mod.ts';
import { createKubeClient } from './create-kube-client.ts';
import { keepLease } from './keep-lease.ts';

const LEASE = { namespace: 'kube-system', name: 'underlane-agent-n1' };

test('keepLease() makes the Lease, renews it with one request each time, and makes it again when it was deleted', async () => {
  const server = createApiServer({});
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = createKubeClient({ server: url, isTlsVerified: true, namespace: 'default' });
  const ending = new AbortController();
  let now = Date.UTC(2026, 0, 1);
  const pauses: { readonly ms: number; readonly go: () => void }[] = [];
  let onPause = Promise.withResolvers<void>();
  const clock: Clock = {
    now: () => now,
    sleep: ms =>
      new Promise(go => {
        pauses.push({ ms, go });
        onPause.resolve();
        onPause = Promise.withResolvers();
      }),
  };
  const round = async (): Promise<Lease> => {
    const paused = onPause.promise;
    now += 10_000;
    pauses.at(-1)?.go();
    await paused;
    return client.get(LEASES, LEASE);
  };
  const first = onPause.promise;
  const done = keepLease({
    ...{ client, lease: LEASE, holder: 'n1', durationSeconds: 40, renewMs: 10_000 },
    ...{ clock, log: silentLog, signal: ending.signal },
  });
  try {
    await first;
    const made = await client.get(LEASES, LEASE);
    assert.deepEqual(made.spec, {
      holderIdentity: 'n1',
      leaseDurationSeconds: 40,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
    });
    const renewed = await round();
    assert.equal(renewed.metadata.uid, made.metadata.uid);
    assert.equal(renewed.spec?.renewTime, '2026-01-01T00:00:10.000000Z');
    await client.delete(LEASES, LEASE);
    assert.notEqual((await round()).metadata.uid, made.metadata.uid);
    assert.deepEqual(new Set(pauses.map(({ ms }) => ms)), new Set([10_000]));
  } finally {
    ending.abort();
    pauses.at(-1)?.go();
    await done;
    client.close();
    await server.close();
  }
});
