import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListQuery, WatchEvent } from '#kube';
import type { ConfigMap, Target } from './target.ts';
import { CONFIG_MAPS, withCode } from './target.ts';

/** Watches: nothing lost, nothing twice, nothing out of order. */
export function testWatches(target: () => Target): void {
  const named = (name: string): { readonly namespace: string; readonly name: string } => ({
    namespace: target().namespace,
    name,
  });

  /** Collects a watch's events until `count` of them are there. */
  async function collect(
    count: number,
    query: ListQuery & { readonly resourceVersion: string },
    act: () => Promise<unknown> = async () => undefined,
  ): Promise<readonly string[]> {
    const { client, namespace } = target();
    const seen: string[] = [];
    const stop = new AbortController();
    const giveUp = setTimeout(() => stop.abort(new Error(`Only saw ${seen.join()}`)), 20_000);
    const opened = Promise.withResolvers<void>();
    const acting = opened.promise.then(act);
    for await (const event of client.watch(
      CONFIG_MAPS,
      { namespace, ...query },
      { signal: stop.signal, onOpen: opened.resolve },
    )) {
      if (event.type !== 'BOOKMARK') seen.push(describe(event));
      if (seen.length === count) break;
    }
    clearTimeout(giveUp);
    await acting;
    return seen;
  }

  const describe = (event: Exclude<WatchEvent<ConfigMap>, { type: 'BOOKMARK' }>): string =>
    `${event.type} ${event.object.metadata.name}=${event.object.data?.['n'] ?? ''}`;

  test('a watch tells every change after its version, in order, also those from before it began', async () => {
    const { client, namespace } = target();
    const { resourceVersion } = await client.list(CONFIG_MAPS, { namespace });
    await client.create(CONFIG_MAPS, { metadata: named('w1'), data: { n: '1' } });
    await client.mergePatch(CONFIG_MAPS, named('w1'), { data: { n: '2' } });
    const events = await collect(4, { resourceVersion }, async () => {
      await client.create(CONFIG_MAPS, { metadata: named('w2'), data: { n: '1' } });
      await client.delete(CONFIG_MAPS, named('w1'));
    });
    assert.deepEqual(events, ['ADDED w1=1', 'MODIFIED w1=2', 'ADDED w2=1', 'DELETED w1=2']);
  });

  test('a watch from a version that is yet to come is taken, and tells nothing before', async () => {
    const { client, namespace } = target();
    const now = BigInt(await client.version(CONFIG_MAPS, { namespace }));
    assert.ok(now <= BigInt((await client.list(CONFIG_MAPS, { namespace })).resourceVersion));
    // The server may write something of its own in between.
    const later: string[] = [];
    const events = await collect(1, { resourceVersion: String(now + 2n) }, async () => {
      for (const name of ['f1', 'f2', 'f3']) {
        const { metadata } = await client.create(CONFIG_MAPS, { metadata: named(name), data: { n: '1' } });
        if (BigInt(metadata.resourceVersion ?? '') > now + 2n) later.push(`ADDED ${name}=1`);
      }
    });
    assert.deepEqual(events, later.slice(0, 1));
  });

  test('a deletion carries a version of its own, from which a watch goes on', async () => {
    const { client, namespace } = target();
    const made = await client.create(CONFIG_MAPS, { metadata: named('w3'), data: { n: '1' } });
    await client.delete(CONFIG_MAPS, named('w3'));
    for await (const event of client.watch(CONFIG_MAPS, {
      namespace,
      resourceVersion: made.metadata.resourceVersion ?? '',
    })) {
      assert.ok(event.type === 'DELETED');
      const version = event.object.metadata.resourceVersion ?? '';
      assert.ok(BigInt(version) > BigInt(made.metadata.resourceVersion ?? ''));
      assert.deepEqual(
        await collect(1, { resourceVersion: version }, () => client.create(CONFIG_MAPS, { metadata: named('w4') })),
        ['ADDED w4='],
      );
      break;
    }
  });

  test('a watch without a version begins with what there is', async () => {
    await target().client.create(CONFIG_MAPS, {
      metadata: { ...named('w5'), labels: { set: 'w5' } },
      data: { n: '5' },
    });
    assert.deepEqual(await collect(1, { resourceVersion: '', labelSelector: 'set=w5' }), ['ADDED w5=5']);
  });

  test('an object that begins or ceases to match a selector is added and deleted', async () => {
    const { client, namespace } = target();
    const { resourceVersion } = await client.list(CONFIG_MAPS, { namespace });
    await client.create(CONFIG_MAPS, { metadata: { ...named('w6'), labels: { in: 'no' } }, data: { n: '1' } });
    await client.mergePatch(CONFIG_MAPS, named('w6'), { metadata: { labels: { in: 'yes' } }, data: { n: '2' } });
    await client.mergePatch(CONFIG_MAPS, named('w6'), { data: { n: '3' } });
    await client.mergePatch(CONFIG_MAPS, named('w6'), { metadata: { labels: { in: 'no' } }, data: { n: '4' } });
    const events = await collect(3, { resourceVersion, labelSelector: 'in=yes' });
    assert.deepEqual(
      events.map(event => event.split('=')[0]),
      ['ADDED w6', 'MODIFIED w6', 'DELETED w6'],
    );
  });

  test('a watch of one name sees only that object', async () => {
    const { client, namespace } = target();
    const { resourceVersion } = await client.list(CONFIG_MAPS, { namespace });
    const events = await collect(1, { resourceVersion, fieldSelector: 'metadata.name=w8' }, async () => {
      await client.create(CONFIG_MAPS, { metadata: named('w7') });
      await client.create(CONFIG_MAPS, { metadata: named('w8') });
    });
    assert.deepEqual(events, ['ADDED w8=']);
  });

  test('metadata-only watches carry metadata and nothing else', async () => {
    const { client } = target();
    await client.create(CONFIG_MAPS, { metadata: { ...named('w9'), labels: { set: 'w9' } }, data: { n: '9' } });
    assert.deepEqual(await collect(1, { resourceVersion: '', labelSelector: 'set=w9', metadataOnly: true }), [
      'ADDED w9=',
    ]);
  });

  test('a selector that is not offered is refused', async () => {
    const { client, namespace } = target();
    const watch = client
      .watch(CONFIG_MAPS, { namespace, fieldSelector: 'data.a=b', resourceVersion: '' })
      [Symbol.asyncIterator]();
    await assert.rejects(watch.next(), withCode('BadRequest'));
  });
}
