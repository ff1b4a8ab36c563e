import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KubeObject, NETWORK_ATTACHMENT_DEFINITIONS, SPIDER_IP_POOLS } from '#api';
import { Registry } from '#health';
import { countReviews } from './counted-reviewer.ts';
import { requestOf, reviewerAmong } from './testing.ts';

test('countReviews() counts answers and what could not be answered, and may begin anew', async () => {
  const registry = new Registry();
  const signal = new AbortController().signal;
  const plain = await reviewerAmong();
  const network = (config: string) =>
    requestOf(NETWORK_ATTACHMENT_DEFINITIONS, {
      operation: 'CREATE',
      object: { metadata: { name: 'lan' }, spec: { config } } as KubeObject,
    });
  const pool = requestOf(SPIDER_IP_POOLS, {
    operation: 'UPDATE',
    object: { metadata: { name: 'p' }, spec: { subnet: '10.6.0.0/16' } } as KubeObject,
  });
  {
    using reviewer = countReviews(plain, registry);
    await reviewer.validate(network('{'), signal);
    await reviewer.validate(network('{"cniVersion": "1.0.0", "type": "macvlan"}'), signal);
    await reviewer.complete(pool, signal);
    const counted = (await registry.getMetricsAsJSON())[0]?.values.map(({ labels, value }) => [
      ...Object.values(labels),
      value,
    ]);
    const nads = 'network-attachment-definitions.k8s.cni.cncf.io';
    assert.deepEqual(counted, [
      [nads, 'CREATE', 'refused', 1],
      [nads, 'CREATE', 'allowed', 1],
      ['spiderippools.spiderpool.spidernet.io', 'UPDATE', 'completed', 1],
    ]);
  }
  using reviewer = countReviews({ ...plain, validate: () => Promise.reject(new Error('no')) }, registry);
  await assert.rejects(reviewer.validate(pool, signal));
  assert.match(await registry.metrics(), /answer="failed"\} 1/);
});
