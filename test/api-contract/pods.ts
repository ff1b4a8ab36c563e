import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api';
import { PODS } from '#api';
import { rawRequest } from './raw-request.ts';
import type { Target } from './target.ts';
import { withCode } from './target.ts';

const SPEC = { containers: [{ name: 'main', image: 'none:1' }] };

/** Pods: status, binding, and deletion that waits for the node. */
export function testPods(target: () => Target): void {
  const named = (name: string): { readonly namespace: string; readonly name: string } => ({
    namespace: target().namespace,
    name,
  });
  const path = (name: string): string => `/api/v1/namespaces/${target().namespace}/pods/${name}`;
  const make = (name: string): Promise<Pod> => target().client.create(PODS, { metadata: named(name), spec: SPEC });
  const bind = (name: string, node: string): ReturnType<typeof rawRequest> =>
    rawRequest(target().config, 'POST', `${path(name)}/binding`, {
      body: {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name },
        target: { apiVersion: 'v1', kind: 'Node', name: node },
      },
    });

  test('a new pod is Pending, whatever status it came with, and has defaults', async () => {
    const pod = await target().client.create(PODS, {
      metadata: named('new'),
      spec: SPEC,
      status: { phase: 'Running' },
    });
    assert.equal(pod.status?.phase, 'Pending');
    assert.deepEqual([pod.spec['restartPolicy'], pod.spec['terminationGracePeriodSeconds']], ['Always', 30]);
    await assert.rejects(
      target().client.create(PODS, { metadata: named('empty'), spec: { containers: [] } }),
      withCode('Invalid'),
    );
  });

  test('a patch of status changes status and annotations, and no spec', async () => {
    const { client } = target();
    const pod = await make('status');
    const body = {
      metadata: { uid: pod.metadata.uid, annotations: { network: 'up' } },
      spec: { hostname: 'no' },
      status: { phase: 'Running', podIP: '10.0.0.1' },
    };
    const patched = await client.mergePatch(PODS, named('status'), body, { subresource: 'status' });
    assert.deepEqual(
      [patched.status?.phase, patched.metadata.annotations, patched.spec['hostname']],
      ['Running', { network: 'up' }, undefined],
    );
  });

  test('a patch of the pod changes no status, and no spec once written', async () => {
    const { client } = target();
    await make('main');
    const patched = await client.mergePatch(PODS, named('main'), {
      metadata: { labels: { a: 'b' } },
      status: { phase: 'Failed' },
    });
    assert.deepEqual([patched.status?.phase, patched.metadata.labels], ['Pending', { a: 'b' }]);
    await assert.rejects(client.mergePatch(PODS, named('main'), { spec: { hostname: 'other' } }), withCode('Invalid'));
    await assert.rejects(client.mergePatch(PODS, named('main'), { spec: { nodeName: 'n1' } }), withCode('Invalid'));
  });

  test('a binding puts a pod on a node, once, and spec.nodeName selects it', async () => {
    const { client, namespace } = target();
    await make('bound');
    assert.equal((await bind('bound', 'contract-node')).status, 201);
    assert.equal((await bind('bound', 'contract-other')).status, 409);
    const pod = await client.get(PODS, named('bound'));
    assert.equal(pod.spec.nodeName, 'contract-node');
    assert.deepEqual(
      (await client.list(PODS, { namespace, fieldSelector: 'spec.nodeName=contract-node' })).items.map(
        item => item.metadata.name,
      ),
      ['bound'],
    );
    const free = await client.list(PODS, { namespace, fieldSelector: 'spec.nodeName=' });
    assert.equal(
      free.items.some(item => item.metadata.name === 'bound'),
      false,
    );
  });

  test('a pod on a node is deleted in two steps, one without a node in one', async () => {
    const { client, config } = target();
    await make('waiting');
    await bind('waiting', 'contract-node');
    await client.delete(PODS, named('waiting'));
    const waiting = await client.get(PODS, named('waiting'));
    assert.notEqual(waiting.metadata.deletionTimestamp, undefined);
    const again = await rawRequest(config, 'DELETE', path('waiting'));
    assert.equal(again.body.metadata.deletionTimestamp, waiting.metadata.deletionTimestamp);
    const wrong = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      preconditions: { uid: '00000000-0000-0000-0000-000000000000' },
    };
    assert.equal((await rawRequest(config, 'DELETE', path('waiting'), { body: wrong })).status, 409);
    await rawRequest(config, 'DELETE', path('waiting'), {
      body: { ...wrong, preconditions: { uid: waiting.metadata.uid } },
    });
    await assert.rejects(client.get(PODS, named('waiting')), withCode('NotFound'));

    await make('free');
    await client.delete(PODS, named('free'));
    await assert.rejects(client.get(PODS, named('free')), withCode('NotFound'));
  });

  test('a table has the columns that kubectl prints', async () => {
    await make('table');
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const { body } = await rawRequest(target().config, 'GET', path('table'), { headers: { accept } });
    assert.equal(body.kind, 'Table');
    const columns = body.columnDefinitions.map((column: { name: string }) => column.name);
    const cell = (name: string): unknown => body.rows[0].cells[columns.indexOf(name)];
    assert.deepEqual(['Name', 'Ready', 'Status', 'IP', 'Node'].map(cell), [
      'table',
      '0/1',
      'Pending',
      '<none>',
      '<none>',
    ]);
  });
}
