import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEASES, type Lease } from '#api';
import { silentLog, steadyClock, systemClock } from '#base';
import { keepLease } from '#kube';
import { elect } from '../../src/kube/elect.ts';
import { rawRequest } from './raw-request.ts';
import type { Target } from './target.ts';
import { eventually, withCode } from './target.ts';

/** Leases: who leads, and who is alive. */
export function testLeases(target: () => Target): void {
  const named = (name: string) => ({ namespace: target().namespace, name });
  const path = (name = ''): string => `/apis/coordination.k8s.io/v1/namespaces/${target().namespace}/leases/${name}`;
  const lease = (name: string, spec: Lease['spec'] = {}): Lease => ({ metadata: named(name), spec });

  test('a Lease is replaced only by who has seen its last change', async () => {
    const { client, config } = target();
    const made = await client.create(LEASES, lease('seen', { holderIdentity: 'a', leaseDurationSeconds: 15 }));
    const next = { ...made, spec: { ...made.spec, holderIdentity: 'b' } };
    const held = await client.update(LEASES, next);
    assert.equal(held.spec?.holderIdentity, 'b');
    await assert.rejects(client.update(LEASES, { ...next, spec: { holderIdentity: 'c' } }), withCode('Conflict'));
    const { resourceVersion: _, ...metadata } = held.metadata;
    const blind = await rawRequest(config, 'PUT', path('seen'), { body: { ...held, metadata } });
    assert.deepEqual([blind.status, blind.body.reason], [422, 'Invalid']);
    const patched = await client.mergePatch(LEASES, named('seen'), { spec: { leaseTransitions: 1 } });
    assert.deepEqual([patched.spec?.holderIdentity, patched.spec?.leaseTransitions], ['b', 1]);
  });

  test('times have microseconds; durations are positive', async () => {
    const { client } = target();
    const renewTime = '2025-01-01T00:00:00.000001Z';
    const made = await client.create(LEASES, lease('timed', { renewTime, acquireTime: renewTime }));
    assert.deepEqual([made.spec?.renewTime, made.spec?.acquireTime], [renewTime, renewTime]);
    await assert.rejects(client.create(LEASES, lease('none', { leaseDurationSeconds: 0 })), withCode('Invalid'));
    await assert.rejects(client.create(LEASES, lease('none', { leaseTransitions: -1 })), withCode('Invalid'));
    await assert.rejects(client.create(LEASES, lease('none', { renewTime: 'noon' })), withCode('BadRequest'));
  });

  test('of two candidates one leads, and the other as soon as the first gives up', async () => {
    const { client } = target();
    const led: string[] = [];
    const ends = ['a', 'b'].map(() => new AbortController());
    const candidates = ends.map(({ signal }, index) => {
      const identity = ['a', 'b'][index] ?? '';
      return elect(
        {
          client,
          lease: named('led'),
          identity,
          clock: systemClock,
          steady: steadyClock,
          log: silentLog,
          retryMs: 50,
          signal,
        },
        async term => {
          led.push(identity);
          await new Promise<void>(resolve => term.addEventListener('abort', () => resolve(), { once: true }));
        },
      );
    });
    await eventually('a leader', async () => led[0]);
    const { spec } = await client.get(LEASES, named('led'));
    assert.deepEqual([led.length, spec?.holderIdentity], [1, led[0]]);
    ends[['a', 'b'].indexOf(led[0] ?? '')]?.abort();
    await eventually('the next leader', async () => led[1]);
    assert.deepEqual(led.toSorted(), ['a', 'b']);
    for (const end of ends) end.abort();
    await Promise.all(candidates);
    assert.equal((await client.get(LEASES, named('led'))).spec?.holderIdentity ?? '', '');
  });

  test('a Lease that is kept says anew who is alive', async () => {
    const { client } = target();
    const end = new AbortController();
    const renewTime = async (): Promise<string | undefined> => {
      try {
        return (await client.get(LEASES, named('kept'))).spec?.renewTime;
      } catch {
        return undefined; // not yet, or not any more
      }
    };
    const keeping = keepLease({
      client,
      lease: named('kept'),
      holder: 'a',
      durationSeconds: 15,
      renewMs: 50,
      clock: systemClock,
      log: silentLog,
      signal: end.signal,
    });
    const first = await eventually('a Lease', renewTime);
    const isNewer = async (): Promise<true | undefined> => (((await renewTime()) ?? first) > first ? true : undefined);
    await eventually('a later one', isNewer);
    await client.delete(LEASES, named('kept'));
    await eventually('another one', renewTime);
    end.abort();
    await keeping;
  });
}
