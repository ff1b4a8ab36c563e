import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEPLOYMENTS, KUBE_OVN_SUBNETS, type KubeObject, type KubeOvnSubnet, SPIDER_IP_POOLS } from '#api';
import { silentLog } from '#base';
import { createPoolCatalog, followLeftToOthers } from '#ipam';
import { startCluster } from '../../../test/claims/cluster.ts';
import { leftKinds } from './left-kinds.ts';
import { createReviewer } from './reviewer.ts';
import { allKinds, requestOf } from './testing.ts';

test("Kube-OVN's kinds are admitted as they are while its controller is meant to run, and no others", async () => {
  await using cluster = await startCluster();
  const { client } = cluster;
  const stop = new AbortController();
  const { signal } = stop;
  const metadata = { namespace: 'kube-system', name: 'kube-ovn-controller' };
  await client.create(DEPLOYMENTS, { metadata, spec: { replicas: 1 } });
  const catalog = createPoolCatalog({ client, signal, log: silentLog });
  const changed = Promise.withResolvers<void>();
  await followLeftToOthers(catalog, changed.resolve, signal);
  const isLeft = leftKinds(catalog);
  const reviewer = createReviewer(await allKinds(), async () => ({ list: () => [] }), isLeft);
  const subnet = (cidrBlock: string): KubeOvnSubnet => ({
    metadata: { name: 'lan' },
    spec: { provider: 'lan.default', cidrBlock },
  });
  const isAllowed = async (object: KubeObject, resource: typeof KUBE_OVN_SUBNETS | typeof SPIDER_IP_POOLS) =>
    (await reviewer.validate(requestOf(resource, { operation: 'CREATE', object }), signal)).allowed;
  const isCompleted = async (): Promise<boolean> => {
    const request = requestOf(KUBE_OVN_SUBNETS, { operation: 'CREATE', object: subnet('10.0.0.0/24') });
    return (await reviewer.complete(request, signal)).patch !== undefined;
  };
  const pool = { metadata: { name: 'p' }, spec: { subnet: 'rubbish' } };

  assert.deepEqual([await isAllowed(subnet('rubbish'), KUBE_OVN_SUBNETS), await isCompleted()], [true, false]);
  assert.equal(await isAllowed(pool, SPIDER_IP_POOLS), false);
  await client.delete(DEPLOYMENTS, metadata);
  await changed.promise;
  assert.deepEqual([await isAllowed(subnet('rubbish'), KUBE_OVN_SUBNETS), await isCompleted()], [false, true]);
  stop.abort();
});
