import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SPIDER_ENDPOINTS, SPIDER_IP_POOLS, type SpiderIPPool } from '#api';
import { createNetwork, createPod, go, held, outcomes, withNode } from '../testing.ts';
import { readPool, SPIDERPOOL } from './spiderpool.ts';

function poolOf(allocatedIPs: string): SpiderIPPool {
  return {
    metadata: { name: 'pool4', finalizers: ['spiderpool.spidernet.io'] },
    spec: { subnet: '10.6.0.0/16' },
    status: { allocatedIPs },
  };
}

test('readPool() of Spiderpool says what it cannot read, and reads what older versions wrote', () => {
  const none = new Map<string, string>();
  for (const [text, message] of [
    ['{', /^SpiderIPPool pool4: status\.allocatedIPs is "\{", expected a JSON object of addresses$/],
    ['[]', /is "\[\]"/],
    ['{"here":{}}', /holds "here", expected addresses, with who has them$/],
    ['{"10.6.0.9":"default/a"}', /holds "10\.6\.0\.9"/],
  ] as const) {
    assert.match(readPool(poolOf(text), none).problem ?? '', message);
  }
  const older = readPool(poolOf('{"10.6.0.9":{"namespacedName":"default/a","podUid":"u"}}'), none);
  assert.deepEqual([older.records[0]?.pod, older.problem], [{ namespace: 'default', name: 'a', uid: 'u' }, undefined]);
  assert.deepEqual(readPool(poolOf(''), none).records, []);
});

test('migrate() imports what SpiderIPPools say, on the interfaces that SpiderEndpoints say', async () => {
  await withNode(async scene => {
    const { client } = scene;
    await createNetwork(client, 'lan', { type: 'spiderpool' });
    const finalizers = ['spiderpool.spidernet.io'];
    const pool = await client.create(SPIDER_IP_POOLS, {
      metadata: { name: 'pool4', finalizers },
      spec: { subnet: '10.6.0.0/16', ips: ['10.6.0.10-10.6.0.20'], gateway: '10.6.0.1' },
    });
    const annotations = { 'ipam.spidernet.io/ippool': JSON.stringify({ ipv4: ['pool4'] }) };
    const pod = await createPod(client, 'a', { networks: 'lan,lan', annotations });
    const podUid = pod.metadata.uid ?? '';
    const allocated = {
      '10.6.0.10': { pod: 'default/a', podUid },
      '10.6.0.12': { pod: 'default/a', podUid },
      '10.6.0.11': { pod: 'default/a', podUid: 'former' },
    };
    await client.mergePatch(
      SPIDER_IP_POOLS,
      pool.metadata,
      { status: { allocatedIPs: JSON.stringify(allocated), totalIPCount: 11, allocatedIPCount: 3 } },
      { subresource: 'status' },
    );
    const ips = [
      { interface: 'net1', ipv4: '10.6.0.12/16', ipv4Pool: 'pool4' },
      { interface: 'net2', ipv4: '10.6.0.10/16', ipv4Pool: 'pool4' },
    ];
    await client.create(SPIDER_ENDPOINTS, {
      metadata: { name: 'a', namespace: 'default', finalizers },
      status: { current: { uid: podUid, node: 'n1', ips }, ownerControllerType: 'Pod', ownerControllerName: 'a' },
    });
    const report = await go(scene, SPIDERPOOL);
    assert.deepEqual(outcomes(report), ['10.6.0.10 imported', '10.6.0.11 stale', '10.6.0.12 imported']);
    assert.deepEqual(await held(client), [
      ['default-10.6.0.10', 'a', 'net2', 'n1', 'spiderpool'],
      ['default-10.6.0.12', 'a', 'net1', 'n1', 'spiderpool'],
    ]);
    assert.deepEqual([...report.takenOver].sort(), ['SpiderEndpoint default/a', 'SpiderIPPool pool4']);
    assert.equal((await client.get(SPIDER_IP_POOLS, pool.metadata)).metadata.finalizers?.length ?? 0, 0);
  });
});
