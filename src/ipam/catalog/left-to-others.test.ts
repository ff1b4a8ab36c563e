import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Application, DEPLOYMENTS } from '#api';
import { catalogOf } from '../testing.ts';
import { leftToOthers } from './left-to-others.ts';

test('leftToOthers() leaves Kube-OVN its own where its controller is meant to run', async () => {
  const ask = async (types: readonly string[], ...found: Application[]) => [
    ...(await leftToOthers(types, clusterWith(found))),
  ];
  const running = deployment({ replicas: 2 });
  assert.deepEqual(await ask(['whereabouts', 'kube-ovn'], running), ['kube-ovn']);
  assert.deepEqual(await ask(['kube-ovn'], deployment({})), ['kube-ovn']);
  assert.deepEqual(await ask(['kube-ovn'], deployment({ replicas: 0 })), []);
  assert.deepEqual(
    await ask(['kube-ovn'], { ...running, metadata: { ...running.metadata, deletionTimestamp: 'now' } }),
    [],
  );
  assert.deepEqual(await ask(['kube-ovn']), []);
  assert.deepEqual([...(await leftToOthers(['kube-ovn'], undefined))], []);
});

test('leftToOthers() asks nothing of a cluster whose networks are of other types', async () => {
  const named = (): never => assert.fail('asked');
  assert.deepEqual([...(await leftToOthers(['spiderpool'], { named }))], []);
});

function deployment(spec: Application['spec']): Application {
  return { metadata: { name: 'kube-ovn-controller', namespace: 'kube-system' }, spec };
}

function clusterWith(found: readonly Application[]): Parameters<typeof leftToOthers>[1] {
  const catalog = catalogOf(found.map(object => [DEPLOYMENTS, object] as const));
  return {
    named(resource, name) {
      assert.deepEqual([resource.plural, name], ['deployments', 'kube-ovn-controller']);
      return catalog.named(resource, name);
    },
  };
}
