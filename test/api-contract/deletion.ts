import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rawRequest } from './raw-request.ts';
import type { ConfigMap, Target } from './target.ts';
import { CONFIG_MAPS, eventually, withCode } from './target.ts';

/** Requests that are only tried, and what becomes of objects whose owner goes. */
export function testDeletion(target: () => Target): void {
  const named = (name: string): { readonly namespace: string; readonly name: string } => ({
    namespace: target().namespace,
    name,
  });
  const path = (name = ''): string => `/api/v1/namespaces/${target().namespace}/configmaps/${name}`;
  const make = (name: string, metadata: object = {}): Promise<ConfigMap> =>
    target().client.create(CONFIG_MAPS, { metadata: { ...named(name), ...metadata }, data: { n: '1' } });
  const ownedBy = (...owners: readonly ConfigMap[]): object => ({
    ownerReferences: owners.map(({ metadata: { name, uid } }) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name,
      uid,
      blockOwnerDeletion: true,
    })),
  });
  const drop = (name: string, propagationPolicy: string): ReturnType<typeof rawRequest> =>
    rawRequest(target().config, 'DELETE', path(name), {
      body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy },
    });
  const isGone = (name: string): Promise<true> =>
    eventually(`the end of ${name}`, async () =>
      (await rawRequest(target().config, 'GET', path(name))).status === 404 ? true : undefined,
    );

  test('dryRun=All answers as if, and leaves nothing', async () => {
    const { client, config } = target();
    const made = await make('dry');
    const answer = async (method: string, url: string, body?: object, type?: string): Promise<unknown> => {
      const headers = type === undefined ? {} : { headers: { 'content-type': type } };
      return (
        await rawRequest(config, method, `${url}?dryRun=All`, { ...headers, ...(body === undefined ? {} : { body }) })
      ).status;
    };
    assert.equal(await answer('POST', path().slice(0, -1), { metadata: { name: 'dry-new' } }), 201);
    assert.equal(await answer('POST', path().slice(0, -1), { metadata: { name: 'dry' } }), 409);
    assert.equal(await answer('PUT', path('dry'), { ...made, data: { n: '2' } }), 200);
    assert.equal(await answer('PATCH', path('dry'), { data: { n: '3' } }, 'application/merge-patch+json'), 200);
    assert.equal(await answer('DELETE', path('dry')), 200);
    assert.equal((await rawRequest(config, 'DELETE', `${path('dry')}?dryRun=Some`)).status, 422);
    assert.deepEqual(await client.get(CONFIG_MAPS, named('dry')), made);
    await assert.rejects(client.get(CONFIG_MAPS, named('dry-new')), withCode('NotFound'));
  });

  test('an object goes after its owner', async () => {
    const owner = await make('gc-owner');
    await make('gc-child', ownedBy(owner));
    await drop('gc-owner', 'Background');
    await isGone('gc-child');
  });

  test('an object of two owners goes with the last of them', async () => {
    const [first, second] = [await make('two-first'), await make('two-second')];
    await make('two-child', ownedBy(first, second));
    await drop('two-first', 'Background');
    await eventually('one owner', async () => {
      const { metadata } = await target().client.get(CONFIG_MAPS, named('two-child'));
      return metadata.ownerReferences?.length === 1 ? true : undefined;
    });
    await drop('two-second', 'Background');
    await isGone('two-child');
  });

  test('an owner deleted in the foreground waits for what blocks it', async () => {
    const { client } = target();
    const owner = await make('fore-owner');
    await make('fore-child', { ...ownedBy(owner), finalizers: ['contract.underlane.io/hold'] });
    await drop('fore-owner', 'Foreground');
    await eventually('the deletion of the child', async () => {
      const { metadata } = await client.get(CONFIG_MAPS, named('fore-child'));
      return metadata.deletionTimestamp;
    });
    assert.deepEqual((await client.get(CONFIG_MAPS, named('fore-owner'))).metadata.finalizers, ['foregroundDeletion']);
    await client.mergePatch(CONFIG_MAPS, named('fore-child'), { metadata: { finalizers: null } });
    await isGone('fore-child');
    await isGone('fore-owner');
  });

  test('orphans stay, and forget their owner', async () => {
    const owner = await make('orphan-owner');
    await make('orphan-child', ownedBy(owner));
    await drop('orphan-owner', 'Orphan');
    await isGone('orphan-owner');
    const child = await target().client.get(CONFIG_MAPS, named('orphan-child'));
    assert.deepEqual([child.metadata.ownerReferences, child.metadata.deletionTimestamp], [undefined, undefined]);
    assert.equal((await drop('orphan-child', 'Other')).status, 422);
  });
}
