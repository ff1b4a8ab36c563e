import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKubeClient } from '#kube';
import { rawRequest } from './raw-request.ts';
import type { Target } from './target.ts';
import { CONFIG_MAPS, withCode } from './target.ts';

/** What holds for objects of every kind, shown with ConfigMaps. */
export function testObjects(target: () => Target): void {
  const named = (name: string): { readonly namespace: string; readonly name: string } => ({
    namespace: target().namespace,
    name,
  });
  const collection = (): string => `/api/v1/namespaces/${target().namespace}/configmaps`;

  test('create gives an object uid, version and time, and its name only once', async () => {
    const { client } = target();
    const made = await client.create(CONFIG_MAPS, { metadata: named('once'), data: { a: '1' } });
    assert.match(made.metadata.uid ?? '', /^[0-9a-f-]{36}$/);
    assert.match(made.metadata.creationTimestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.notEqual(made.metadata.resourceVersion, '');
    assert.deepEqual((await client.get(CONFIG_MAPS, named('once'))).data, { a: '1' });
    await assert.rejects(client.create(CONFIG_MAPS, { metadata: named('once') }), withCode('AlreadyExists'));
  });

  test('create makes a name from generateName', async () => {
    const answer = await rawRequest(target().config, 'POST', collection(), {
      body: { metadata: { generateName: 'gen-' } },
    });
    assert.equal(answer.status, 201);
    assert.match(answer.body.metadata.name, /^gen-[a-z0-9]{5}$/);
  });

  test('create refuses names, labels and namespaces that cannot be', async () => {
    const { client } = target();
    for (const name of ['Upper', 'under_score', 'a:b', '-a', `${'x'.repeat(254)}`]) {
      await assert.rejects(client.create(CONFIG_MAPS, { metadata: named(name) }), withCode('Invalid'), name);
    }
    const labels = { long: 'x'.repeat(64) };
    await assert.rejects(client.create(CONFIG_MAPS, { metadata: { ...named('labels'), labels } }), withCode('Invalid'));
    await assert.rejects(
      client.create(CONFIG_MAPS, { metadata: { namespace: 'contract-none', name: 'x' } }),
      withCode('NotFound'),
    );
    const elsewhere = await rawRequest(target().config, 'POST', collection(), {
      body: { metadata: { name: 'x', namespace: 'default' } },
    });
    assert.equal(elsewhere.status, 400);
    const otherKind = await rawRequest(target().config, 'POST', collection(), {
      body: { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'x' } },
    });
    assert.equal(otherKind.status, 400);
  });

  test('a name may have 253 characters and dots', async () => {
    const name = `a.${'b'.repeat(251)}`;
    assert.equal((await target().client.create(CONFIG_MAPS, { metadata: named(name) })).metadata.name, name);
  });

  test('update refuses a stale version, an old uid and another name', async () => {
    const { client, config } = target();
    const first = await client.create(CONFIG_MAPS, { metadata: named('stale'), data: { n: '1' } });
    const second = await client.update(CONFIG_MAPS, { ...first, data: { n: '2' } });
    assert.notEqual(second.metadata.resourceVersion, first.metadata.resourceVersion);
    await assert.rejects(client.update(CONFIG_MAPS, { ...first, data: { n: '3' } }), withCode('Conflict'));
    const otherUid = { ...second, metadata: { ...second.metadata, uid: '00000000-0000-0000-0000-000000000000' } };
    await assert.rejects(client.update(CONFIG_MAPS, otherUid), withCode('Conflict'));
    const renamed = await rawRequest(config, 'PUT', `${collection()}/stale`, {
      body: { ...second, metadata: { ...second.metadata, name: 'other' } },
    });
    assert.equal(renamed.status, 400);
    await assert.rejects(client.update(CONFIG_MAPS, { metadata: named('nowhere') }), withCode('NotFound'));
  });

  test('a write that changes nothing makes no new version', async () => {
    const { client } = target();
    const made = await client.create(CONFIG_MAPS, {
      metadata: { ...named('same'), labels: { a: 'b' } },
      data: { n: '1' },
    });
    const patched = await client.mergePatch(CONFIG_MAPS, named('same'), {
      data: { n: '1' },
      metadata: { labels: { a: 'b' } },
    });
    assert.equal(patched.metadata.resourceVersion, made.metadata.resourceVersion);
  });

  test('mergePatch merges maps, removes by null and keeps what only the server sets', async () => {
    const { client } = target();
    const made = await client.create(CONFIG_MAPS, {
      metadata: { ...named('merge'), annotations: { keep: '1', drop: '2' } },
      data: { a: '1' },
    });
    const patch = { metadata: { annotations: { drop: null, add: '3' }, creationTimestamp: null }, data: { b: '2' } };
    const patched = await client.mergePatch(CONFIG_MAPS, named('merge'), patch);
    assert.deepEqual(patched.metadata.annotations, { keep: '1', add: '3' });
    assert.deepEqual(patched.data, { a: '1', b: '2' });
    assert.equal(patched.metadata.creationTimestamp, made.metadata.creationTimestamp);
  });

  test('mergePatch takes uid and resourceVersion as preconditions', async () => {
    const { client } = target();
    const made = await client.create(CONFIG_MAPS, { metadata: named('precondition') });
    const patch = (metadata: object): Promise<unknown> =>
      client.mergePatch(CONFIG_MAPS, named('precondition'), { metadata });
    await assert.rejects(
      patch({ uid: '00000000-0000-0000-0000-000000000000', labels: { a: 'b' } }),
      withCode('Conflict'),
    );
    await patch({ uid: made.metadata.uid, labels: { a: 'b' } });
    await assert.rejects(
      patch({ resourceVersion: made.metadata.resourceVersion, labels: { a: 'c' } }),
      withCode('Conflict'),
    );
    assert.deepEqual((await client.get(CONFIG_MAPS, named('precondition'))).metadata.labels, { a: 'b' });
    await assert.rejects(client.mergePatch(CONFIG_MAPS, named('nowhere'), {}), withCode('NotFound'));
  });

  test('JSON patches and strategic merge patches apply; other types are refused', async () => {
    const { client, config } = target();
    await client.create(CONFIG_MAPS, {
      metadata: { ...named('patches'), finalizers: [] },
      data: { a: '1', 'x.y': '2' },
    });
    const patch = (type: string, body: unknown): ReturnType<typeof rawRequest> =>
      rawRequest(config, 'PATCH', `${collection()}/patches`, { body, headers: { 'content-type': type } });
    const json = await patch('application/json-patch+json', [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'replace', path: '/data/a', value: '9' },
      { op: 'add', path: '/metadata/labels', value: { l: 'm' } },
    ]);
    assert.deepEqual([json.status, json.body.data.a, json.body.metadata.labels], [200, '9', { l: 'm' }]);
    assert.equal(
      (await patch('application/json-patch+json', [{ op: 'test', path: '/data/a', value: 'no' }])).status,
      422,
    );
    const strategic = await patch('application/strategic-merge-patch+json', { data: { a: null, b: '3' } });
    assert.deepEqual(Object.keys(strategic.body.data).sort(), ['b', 'x.y']);
    assert.equal((await patch('application/strange', {})).status, 415);
  });

  test('delete heeds uid and resourceVersion, and an object is gone after it', async () => {
    const { client } = target();
    const made = await client.create(CONFIG_MAPS, { metadata: named('doomed') });
    const { uid = '', resourceVersion = '' } = made.metadata;
    const drop = (preconditions: object): Promise<void> =>
      client.delete(CONFIG_MAPS, named('doomed'), { preconditions });
    await assert.rejects(drop({ uid: '00000000-0000-0000-0000-000000000000' }), withCode('Conflict'));
    await client.mergePatch(CONFIG_MAPS, named('doomed'), { data: { changed: 'yes' } });
    await assert.rejects(drop({ uid, resourceVersion }), withCode('Conflict'));
    await drop({ uid });
    await assert.rejects(client.get(CONFIG_MAPS, named('doomed')), withCode('NotFound'));
    await assert.rejects(drop({ uid }), withCode('NotFound'));
  });

  test('a finalizer holds a deleted object until it is taken off', async () => {
    const { client } = target();
    await client.create(CONFIG_MAPS, { metadata: { ...named('held'), finalizers: ['contract.underlane.io/hold'] } });
    await client.delete(CONFIG_MAPS, named('held'));
    const held = await client.get(CONFIG_MAPS, named('held'));
    assert.notEqual(held.metadata.deletionTimestamp, undefined);
    await assert.rejects(
      client.mergePatch(CONFIG_MAPS, named('held'), {
        metadata: { finalizers: ['contract.underlane.io/hold', 'contract.underlane.io/more'] },
      }),
      withCode('Invalid'),
    );
    await client.mergePatch(CONFIG_MAPS, named('held'), { metadata: { finalizers: null } });
    await assert.rejects(client.get(CONFIG_MAPS, named('held')), withCode('NotFound'));
  });

  test('list selects by labels, by equality and by sets, and by metadata.name', async () => {
    const { client, namespace } = target();
    const labels = { one: { tier: 'a', x: '1' }, two: { tier: 'b' }, three: { tier: 'c', x: '2' } };
    for (const [name, own] of Object.entries(labels))
      await client.create(CONFIG_MAPS, { metadata: { ...named(`sel-${name}`), labels: { set: 'sel', ...own } } });
    const names = async (labelSelector: string): Promise<string> =>
      (await client.list(CONFIG_MAPS, { namespace, labelSelector: `set=sel,${labelSelector}` })).items
        .map(item => item.metadata.name.slice(4))
        .sort()
        .join();
    assert.equal(await names('tier=a'), 'one');
    assert.equal(await names('tier!=a'), 'three,two');
    assert.equal(await names('tier in (a, b)'), 'one,two');
    assert.equal(await names('tier notin (a,b)'), 'three');
    assert.equal(await names('x'), 'one,three');
    assert.equal(await names('!x'), 'two');
    assert.equal(await names('x!=1'), 'three,two');
    const byName = await client.list(CONFIG_MAPS, { namespace, fieldSelector: 'metadata.name=sel-two' });
    assert.deepEqual(
      byName.items.map(item => item.metadata.name),
      ['sel-two'],
    );
    await assert.rejects(client.list(CONFIG_MAPS, { namespace, fieldSelector: 'data.a=b' }), withCode('BadRequest'));
    await assert.rejects(client.list(CONFIG_MAPS, { namespace, labelSelector: 'a b c' }), withCode('BadRequest'));
  });

  test('list goes through pages and shows one moment in all of them', async () => {
    const { client, config, namespace } = target();
    for (let index = 0; index < 7; index++)
      await client.create(CONFIG_MAPS, { metadata: { ...named(`page-${index}`), labels: { set: 'page' } } });
    const query = 'labelSelector=set%3Dpage&limit=3';
    const first = await rawRequest(config, 'GET', `${collection()}?${query}`);
    assert.equal(first.body.items.length, 3);
    await client.create(CONFIG_MAPS, { metadata: { ...named('page-9'), labels: { set: 'page' } } });
    const next = await rawRequest(
      config,
      'GET',
      `${collection()}?${query}&continue=${encodeURIComponent(first.body.metadata.continue)}`,
    );
    assert.equal(next.body.metadata.resourceVersion, first.body.metadata.resourceVersion);
    const last = await rawRequest(
      config,
      'GET',
      `${collection()}?${query}&continue=${encodeURIComponent(next.body.metadata.continue)}`,
    );
    const names = [first, next, last].flatMap(page =>
      page.body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    );
    assert.deepEqual(
      names,
      [0, 1, 2, 3, 4, 5, 6].map(index => `page-${index}`),
    );
    const all = await client.list(CONFIG_MAPS, { namespace, labelSelector: 'set=page', limit: 2 });
    assert.equal(all.items.length, 8);
  });

  test('metadata-only lists carry metadata and nothing else', async () => {
    const { client, namespace } = target();
    await client.create(CONFIG_MAPS, {
      metadata: { ...named('partial'), labels: { set: 'partial' } },
      data: { big: 'x'.repeat(1000) },
    });
    const { items } = await client.list(CONFIG_MAPS, { namespace, labelSelector: 'set=partial', metadataOnly: true });
    assert.deepEqual(
      items.map(item => [item.metadata.name, item.data]),
      [['partial', undefined]],
    );
  });

  test('columns of a list come without the objects, page by page, or from what the server remembers', async () => {
    const { client, config, namespace } = target();
    for (const name of ['columns-a', 'columns-b', 'columns-c']) {
      await client.create(CONFIG_MAPS, {
        metadata: { ...named(name), labels: { set: 'columns' } },
        data: { [name]: '1', more: '2' },
      });
    }
    const query = { namespace, labelSelector: 'set=columns' };
    const rows = [
      ['2', 'columns-a'],
      ['2', 'columns-b'],
      ['2', 'columns-c'],
    ];
    assert.deepEqual(await client.listColumns(CONFIG_MAPS, ['Data', 'Name'], { ...query, limit: 2 }), rows);
    const { metadata } = await client.create(CONFIG_MAPS, {
      metadata: { ...named('columns-d'), labels: { set: 'columns' } },
    });
    const { resourceVersion: notOlderThan = '' } = metadata;
    const since = await client.listColumns(CONFIG_MAPS, ['Data', 'Name'], { ...query, notOlderThan });
    // In no order: what a server remembers has none.
    assert.deepEqual(
      new Set(since.map(row => row.join())),
      new Set([...rows, ['0', 'columns-d']].map(row => row.join())),
    );
    await assert.rejects(client.listColumns(CONFIG_MAPS, ['Colour'], query), {
      code: 'BadResponse',
      message: /^Cannot list configmaps: no column "Colour" among "Name", "Data", /,
    });
    const answer = await rawRequest(config, 'GET', `${collection()}?includeObject=Some`, {
      headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' },
    });
    assert.equal(answer.status, 400);
  });

  test('a wrong token gets Unauthorized', async () => {
    const { ca, server, isTlsVerified, namespace } = target().config;
    const stranger = createKubeClient({
      server,
      isTlsVerified,
      namespace,
      ...(ca === undefined ? {} : { ca }),
      token: 'wrong',
    });
    await assert.rejects(stranger.list(CONFIG_MAPS, { namespace: target().namespace }), withCode('Unauthorized'));
    stranger.close();
  });

  test('what is not served gets 404, as a Status inside a served group', async () => {
    const { config } = target();
    const inside = await rawRequest(config, 'GET', '/api/v1/nosuchthings');
    assert.deepEqual([inside.status, inside.body.reason], [404, 'NotFound']);
    assert.equal((await rawRequest(config, 'GET', '/apis/nosuch.group/v1/things')).status, 404);
    assert.equal((await rawRequest(config, 'PUT', collection(), { body: {} })).status, 405);
  });
}
