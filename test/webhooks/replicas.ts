import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { NETWORK_ATTACHMENT_DEFINITIONS, SECRETS, SPIDER_IP_POOLS, VALIDATING_WEBHOOK_CONFIGURATIONS } from '#api';
import { eventually, withCode } from '../api-contract/target.ts';
import { network, pool } from './manifests.ts';
import { startReplica, untilAnnounced } from './replica.ts';
import type { WebhookScene } from './scene.ts';

/** Who is asked, by which certificates, and what happens where nobody answers. */
export function testReplicas(scene: WebhookScene): void {
  const { apply, taken } = scene;

  test('somebody who changes the configuration changes nothing for long', async () => {
    const { client } = scene.target;
    const at = { name: 'underlane' };
    const before = await client.get(VALIDATING_WEBHOOK_CONFIGURATIONS, at);
    await client.mergePatch(VALIDATING_WEBHOOK_CONFIGURATIONS, at, { webhooks: [] });
    await eventually('the configuration to be as it was', async () => {
      const { webhooks } = await client.get(VALIDATING_WEBHOOK_CONFIGURATIONS, at);
      return isDeepStrictEqual(webhooks, before.webhooks) ? true : undefined;
    });
    await client.delete(VALIDATING_WEBHOOK_CONFIGURATIONS, at);
    await eventually('the configuration to be there', async () =>
      client.get(VALIDATING_WEBHOOK_CONFIGURATIONS, at).catch(() => undefined),
    );
  });

  test('new certificates are served and announced while the controller runs', async () => {
    const { client } = scene.target;
    const bundleOf = async (): Promise<string | undefined> => {
      const { webhooks } = await client.get(VALIDATING_WEBHOOK_CONFIGURATIONS, { name: 'underlane' });
      return webhooks?.[0]?.clientConfig.caBundle;
    };
    const before = await bundleOf();
    await client.delete(SECRETS, { namespace: 'kube-system', name: 'underlane-webhook-certificate' });
    await eventually('another authority', async () => ((await bundleOf()) === before ? undefined : true));
    await eventually('the webhooks to be asked again', async () => {
      const { exitCode } = await apply(network('renewed', { type: 'macvlan', mode: 'none' }));
      return exitCode === 0 ? undefined : true;
    });
  });

  test('of two replicas the one that leads is asked, and the other one when it ends', async () => {
    const other = await startReplica(scene.target.kubeconfigPath);
    await scene.replaceBy(other);
    await untilAnnounced(other, scene.target.client);
    await eventually('the other replica to be asked', async () => {
      const { exitCode } = await apply(network('taken-over', { type: 'macvlan', mode: 'none' }));
      return exitCode === 0 ? undefined : true;
    });
  });

  test('a controller that accepts and says nothing holds nobody up for long', async () => {
    const { port } = scene.replica ?? assert.fail();
    await scene.replaceBy(undefined);
    const silent = createServer().listen(port, '127.0.0.1');
    await once(silent, 'listening');
    try {
      await taken(network('unheard', { type: 'macvlan', mode: 'none' }));
    } finally {
      silent.close();
      await scene.start();
    }
  });

  test('without any controller everything goes on, and what was made then can still be labelled and finished', async () => {
    const { client, namespace } = scene.target;
    await scene.replaceBy(undefined);
    await taken(network('late', { type: 'macvlan', mode: 'none' }));
    await taken(pool('late', { subnet: '10.8.0.0/16', ips: ['10.7.0.1'] }));
    await scene.start();
    const at = { namespace, name: 'late' };
    await eventually('the webhooks to be asked again', async () => {
      const { exitCode } = await apply(network('later', { type: 'macvlan', mode: 'none' }));
      return exitCode === 0 ? undefined : true;
    });
    const metadata = { labels: { seen: 'yes' }, finalizers: ['test.underlane.io/hold'] };
    await client.mergePatch(NETWORK_ATTACHMENT_DEFINITIONS, at, { metadata });
    await client.mergePatch(SPIDER_IP_POOLS, { name: 'late' }, { metadata });
    await client.delete(NETWORK_ATTACHMENT_DEFINITIONS, at);
    await client.delete(SPIDER_IP_POOLS, { name: 'late' });
    await client.mergePatch(NETWORK_ATTACHMENT_DEFINITIONS, at, { metadata: { finalizers: null } });
    await client.mergePatch(SPIDER_IP_POOLS, { name: 'late' }, { metadata: { finalizers: null } });
    await assert.rejects(client.get(NETWORK_ATTACHMENT_DEFINITIONS, at), withCode('NotFound'));
    await assert.rejects(client.get(SPIDER_IP_POOLS, { name: 'late' }), withCode('NotFound'));
  });
}
