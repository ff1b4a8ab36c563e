import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IP_ALLOCATIONS, NODE_LABEL } from '#api';
import { claimOn } from '../../src/api/testing.ts';
import { withCode } from '../api-contract/target.ts';
import type { WebhookScene } from './scene.ts';

/** Claims, which people need not write. */
export function testClaims(scene: WebhookScene): void {
  test('a claim that somebody makes by hand has to be named by its address', async () => {
    const { client } = scene.target;
    const { spec } = claimOn('10.8.1.5/16');
    await assert.rejects(
      client.create(IP_ALLOCATIONS, { metadata: { name: 'default-10.8.1.6' }, spec }),
      withCode('Invalid'),
    );
    await client.create(IP_ALLOCATIONS, { metadata: { name: 'default-10.8.1.5' }, spec });
    await assert.rejects(
      client.mergePatch(IP_ALLOCATIONS, { name: 'default-10.8.1.5' }, { spec: { address: '10.8.1.6/16' } }),
      withCode('Invalid'),
    );
    await client.delete(IP_ALLOCATIONS, { name: 'default-10.8.1.5' });
    // One that an agent makes is nobody's business on the way: a pod waits for it.
    const metadata = { name: 'default-10.8.1.6', labels: { [NODE_LABEL]: 'x' } };
    await client.create(IP_ALLOCATIONS, { metadata, spec });
    await client.delete(IP_ALLOCATIONS, { name: 'default-10.8.1.6' });
  });
}
