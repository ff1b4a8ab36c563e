import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SPIDER_IP_POOLS } from '#api';
import { silentLog } from '#base';
import { ApiError, createKubeClient, type KubeClient } from '#kube';
import { createApiServer } from '../../sandbox/apiserver/mod.ts';
import { createPoolCatalog, type PoolCatalog } from './pool-catalog.ts';

/** A catalog on an API server that has none of our definitions. */
async function withCatalog(
  run: (catalog: PoolCatalog) => Promise<void>,
  change: (client: KubeClient) => KubeClient = same => same,
): Promise<void> {
  const server = createApiServer();
  const url = await server.listen({ port: 0 });
  const client = createKubeClient({ server: url, isTlsVerified: true, namespace: 'default' });
  const ending = new AbortController();
  try {
    await run(createPoolCatalog({ client: change(client), signal: ending.signal, log: silentLog }));
  } finally {
    ending.abort();
    client.close();
    await server.close();
  }
}

test('a kind that the cluster does not have counts as one without objects', async () => {
  await withCatalog(async catalog => {
    assert.deepEqual((await catalog.of(SPIDER_IP_POOLS)).list(), []);
    assert.deepEqual((await catalog.named(SPIDER_IP_POOLS, 'x')).list(), []);
    assert.equal(await catalog.get(SPIDER_IP_POOLS, { name: 'x' }), undefined);
  });
});

test('a kind that may not be read is refused at once, to each who asks, and at last followed when it may', async () => {
  let isAllowed = false;
  const guard = (client: KubeClient): KubeClient => ({
    ...client,
    list: (...args) =>
      isAllowed
        ? client.list(...args)
        : Promise.reject(new ApiError('Forbidden', 'Cannot list spiderippools: no', { httpStatus: 403 })),
  });
  await withCatalog(async catalog => {
    for (const ask of [() => catalog.of(SPIDER_IP_POOLS), () => catalog.named(SPIDER_IP_POOLS, 'x')]) {
      await assert.rejects(ask(), { code: 'FORBIDDEN_KIND', message: /; add the rule \{apiGroups: / });
      await assert.rejects(ask(), { code: 'FORBIDDEN_KIND' });
    }
    isAllowed = true;
    let objects: readonly unknown[] | undefined;
    while (objects === undefined) {
      await new Promise(resolve => setImmediate(resolve));
      objects = await catalog.of(SPIDER_IP_POOLS).then(
        source => source.list(),
        () => undefined,
      );
    }
    assert.deepEqual(objects, []);
  }, guard);
});
