import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '#api';
import { EVENTS } from '#api';
import type { Clock } from '#base';
import { silentLog } from '#base';
import type { ApiServer } from '../sandbox/apiserver/mod.ts';
import { createApiServer } from '../sandbox/apiserver/mod.ts';
import type { KubeClient } from './client.ts';
import { createKubeClient } from './create-kube-client.ts';
import type { EventRecorder } from './event-recorder.ts';
import { createEventRecorder } from './event-recorder.ts';

interface Scene {
  readonly server: ApiServer;
  readonly client: KubeClient;
  readonly recorder: EventRecorder;
  readonly clock: Clock & { at: number };
  readonly stop: AbortController;
  events(): Promise<readonly Event[]>;
}

async function withScene(run: (scene: Scene) => Promise<void>): Promise<void> {
  const server = createApiServer();
  const url = await server.listen({ port: 0 });
  const client = createKubeClient({ server: url, isTlsVerified: true, namespace: 'default' });
  const stop = new AbortController();
  const clock = { at: Date.parse('2026-01-01T00:00:00Z'), now: () => clock.at, sleep: () => Promise.resolve() };
  const recorder = createEventRecorder({
    client,
    component: 'underlane-test',
    node: 'n1',
    clock,
    log: silentLog,
    signal: stop.signal,
  });
  const events = async (): Promise<readonly Event[]> => (await client.list(EVENTS, { namespace: 'default' })).items;
  try {
    await run({ server, client, recorder, clock, stop, events });
  } finally {
    stop.abort();
    client.close();
    await server.close();
  }
}

const POD = { namespace: 'default', name: 'web', uid: 'u-1' };

test('record() writes an Event about the pod, with component and node', async () => {
  await withScene(async ({ recorder, events }) => {
    recorder.record(POD, 'Warning', 'NetworkFailed', 'Cannot attach');
    await recorder.flush();
    const [event] = await events();
    assert.ok(event !== undefined);
    assert.match(event.metadata.name, /^web\.[0-9a-f]+\.[0-9a-f]+$/);
    assert.deepEqual(event.involvedObject, { kind: 'Pod', apiVersion: 'v1', ...POD });
    assert.deepEqual(
      [event.type, event.reason, event.message, event.count],
      ['Warning', 'NetworkFailed', 'Cannot attach', 1],
    );
    assert.deepEqual(event.source, { component: 'underlane-test', host: 'n1' });
    assert.deepEqual([event.firstTimestamp, event.lastTimestamp], ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z']);
  });
});

test('record() counts repeats up instead of writing more, before and after the first write', async () => {
  await withScene(async ({ recorder, events, clock }) => {
    const repeat = (): void => recorder.record(POD, 'Warning', 'NetworkFailed', 'Cannot attach');
    repeat();
    repeat();
    repeat();
    await recorder.flush();
    clock.at += 60_000;
    repeat();
    await recorder.flush();
    recorder.record(POD, 'Warning', 'NetworkFailed', 'something else');
    await recorder.flush();
    const all = await events();
    assert.deepEqual(all.map(event => [event.message, event.count, event.lastTimestamp]).sort(), [
      ['Cannot attach', 4, '2026-01-01T00:01:00Z'],
      ['something else', 1, '2026-01-01T00:01:00Z'],
    ]);
  });
});

test('an Event that has expired on the server begins anew', async () => {
  await withScene(async ({ recorder, events, client, clock }) => {
    recorder.record(POD, 'Normal', 'Attached', 'net1');
    await recorder.flush();
    const [event] = await events();
    await client.delete(EVENTS, event?.metadata ?? { name: '' });
    clock.at += 1000;
    recorder.record(POD, 'Normal', 'Attached', 'net1');
    await recorder.flush();
    assert.deepEqual(
      (await events()).map(item => item.count),
      [1],
    );
  });
});

test('record() drops what is over the rate of one pod, and leaves others alone', async () => {
  await withScene(async ({ recorder, events }) => {
    for (let index = 0; index < 50; index++) recorder.record(POD, 'Warning', 'NetworkFailed', `failure ${index}`);
    recorder.record({ ...POD, name: 'other' }, 'Warning', 'NetworkFailed', 'failure');
    await recorder.flush();
    assert.equal(recorder.dropped, 40);
    assert.deepEqual((await events()).filter(event => event.involvedObject.name === 'other').length, 1);
  });
});

test('the queue is bounded while the API server is away, and is written when it is back', async () => {
  await withScene(async ({ server, client, recorder, clock }) => {
    const url = await server.listen({ port: 0 });
    await server.close();
    const port = Number(new URL(url).port);
    const stop = new AbortController();
    const away = createKubeClient({ server: url, isTlsVerified: true, namespace: 'default' });
    let attempts = 0;
    let back: ApiServer | undefined;
    const comeBack: Clock = {
      now: clock.now,
      async sleep() {
        attempts++;
        if (attempts === 3) {
          back = createApiServer({ store: server.store });
          await back.listen({ port });
        }
      },
    };
    const patient = createEventRecorder({
      client: away,
      component: 'c',
      clock: comeBack,
      log: silentLog,
      signal: stop.signal,
    });
    for (let index = 0; index < 600; index++) patient.record({ ...POD, name: `p${index}` }, 'Normal', 'R', 'm');
    await patient.flush();
    assert.equal(patient.dropped, 99); // one was already being written, 500 waited
    assert.equal((await away.list(EVENTS, { namespace: 'default' })).items.length, 501);
    assert.equal(recorder.dropped, 0);
    stop.abort();
    away.close();
    await back?.close();
    client.close();
  });
});

test('an Event that the server refuses is dropped, and the next one written', async () => {
  await withScene(async ({ recorder, events }) => {
    recorder.record({ namespace: 'nowhere', name: 'x' }, 'Normal', 'R', 'm');
    recorder.record(POD, 'Normal', 'R', 'm'.repeat(5000));
    await recorder.flush();
    assert.equal(recorder.dropped, 1);
    assert.deepEqual(
      (await events()).map(event => event.message.length),
      [1024],
    );
  });
});

test('names of any length give valid Event names', async () => {
  await withScene(async ({ recorder, events }) => {
    recorder.record({ namespace: 'default', name: 'x'.repeat(253) }, 'Normal', 'R', 'm');
    await recorder.flush();
    assert.equal((await events())[0]?.metadata.name.length, 253);
  });
});

test('nothing is recorded and nothing thrown after the end', async () => {
  await withScene(async ({ recorder, stop, events }) => {
    stop.abort();
    recorder.record(POD, 'Normal', 'R', 'm');
    await recorder.flush();
    assert.deepEqual(await events(), []);
  });
});
