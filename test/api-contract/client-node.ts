import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as k8s from '@kubernetes/client-node';
import type { Target } from './target.ts';

/** The project's JavaScript client, which is not ours: what it reads and writes, our servers must have meant. */
export function testClientNode(target: () => Target): void {
  function load(): k8s.KubeConfig {
    const config = new k8s.KubeConfig();
    config.loadFromFile(target().kubeconfigPath);
    return config;
  }

  test('client-node creates, reads, lists and deletes', async () => {
    const { namespace } = target();
    const core = load().makeApiClient(k8s.CoreV1Api);
    const made = await core.createNamespacedConfigMap({
      namespace,
      body: { metadata: { name: 'oracle', labels: { by: 'oracle' } }, data: { a: '1' } },
    });
    assert.ok(made.metadata?.creationTimestamp instanceof Date);
    const { items, metadata } = await core.listNamespacedConfigMap({ namespace, labelSelector: 'by=oracle' });
    assert.deepEqual(
      items.map(item => item.data),
      [{ a: '1' }],
    );
    assert.match(metadata?.resourceVersion ?? '', /^\d+$/);
    await core.deleteNamespacedConfigMap({ namespace, name: 'oracle' });
    await assert.rejects(
      core.readNamespacedConfigMap({ namespace, name: 'oracle' }),
      (error: unknown) => error instanceof k8s.ApiException && error.code === 404,
    );
  });

  test('client-node watches', async () => {
    const { namespace } = target();
    const config = load();
    const core = config.makeApiClient(k8s.CoreV1Api);
    const { metadata } = await core.listNamespacedConfigMap({ namespace });
    const seen: string[] = [];
    const done = Promise.withResolvers<void>();
    const controller = await new k8s.Watch(config).watch(
      `/api/v1/namespaces/${namespace}/configmaps`,
      { resourceVersion: metadata?.resourceVersion },
      (type: string, object: k8s.V1ConfigMap) => {
        seen.push(`${type} ${object.metadata?.name}`);
        if (seen.length === 2) done.resolve();
      },
      error => (error === null ? done.resolve() : done.reject(error)),
    );
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'watched' } } });
    await core.deleteNamespacedConfigMap({ namespace, name: 'watched' });
    await done.promise;
    controller.abort();
    assert.deepEqual(seen, ['ADDED watched', 'DELETED watched']);
  });
}
