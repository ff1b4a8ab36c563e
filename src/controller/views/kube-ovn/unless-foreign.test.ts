import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEPLOYMENTS, IP_ALLOCATIONS, KUBE_OVN_SUBNETS, type KubeObject } from '#api';
import { silentLog } from '#base';
import { createPoolCatalog } from '#ipam';
import { withViews } from '../../../../test/views/scene.ts';
import { catalogOf } from '../../../ipam/testing.ts';
import { kubeOvnSubnetView } from './subnet-status-view.ts';
import { followSubnetUse } from './subnet-use.ts';
import { macvlanClaim, macvlanSubnet } from './testing.ts';
import { foreignRule, unlessForeign } from './unless-foreign.ts';

const CONTROLLER = { namespace: 'kube-system', name: 'kube-ovn-controller' };

test('a view is written as soon as Kube-OVN is scaled to none or taken out, and not any more when it is back', async () => {
  await withViews(async scene => {
    const { client, keep, take, follow, eventually } = scene;
    const stop = new AbortController();
    const { signal } = stop;
    await client.create(DEPLOYMENTS, { metadata: CONTROLLER, spec: { replicas: 1 } });
    await client.create(KUBE_OVN_SUBNETS, macvlanSubnet());
    const rule = foreignRule(createPoolCatalog({ client, signal, log: silentLog }), signal);
    let changes = 0;
    rule.subscribe(() => changes++, signal);
    const answers: boolean[] = [];
    const told = {
      ...rule,
      async isForeign() {
        const answer = await rule.isForeign();
        answers.push(answer);
        return answer;
      },
    };
    const view = kubeOvnSubnetView({
      subnets: await follow(KUBE_OVN_SUBNETS),
      use: followSubnetUse(await follow(IP_ALLOCATIONS), signal),
      now: () => Date.now(),
    });
    keep(unlessForeign(view, told));
    const used = async () => (await client.get(KUBE_OVN_SUBNETS, { name: 'macvlan' })).status?.v4usingIPs;
    const scale = (replicas: number) => client.mergePatch(DEPLOYMENTS, CONTROLLER, { spec: { replicas } });

    await eventually(async () => assert.equal(answers.at(-1), true));
    assert.deepEqual([await used(), scene.writes], [undefined, 0]);
    // Nothing else changes than the Deployment.
    await scale(0);
    await eventually(async () => assert.equal(await used(), 0));
    await scale(1);
    await eventually(async () => assert.equal(changes, 2));
    await take(macvlanClaim('172.17.0.11/24'));
    await eventually(async () => assert.equal(answers.at(-1), true));
    assert.equal(await used(), 0);
    await client.delete(DEPLOYMENTS, CONTROLLER);
    await eventually(async () => assert.equal(await used(), 1));
    stop.abort();
  });
});

test('a view that has nothing to write does not ask whether Kube-OVN is there', async () => {
  const rule = { isForeign: () => assert.fail('asked'), subscribe: () => undefined };
  for (const kind of ['none', 'foreign'] as const) {
    const view = { resource: KUBE_OVN_SUBNETS, namesOf: () => [], compare: () => ({ kind }) };
    const seen = { name: { name: 'macvlan' }, claims: [], object: undefined };
    assert.deepEqual(await unlessForeign(view, rule).compare(seen), { kind });
  }
});

test('what could not be followed is asked anew, and said until then', async () => {
  const { signal } = new AbortController();
  const catalog = catalogOf([[DEPLOYMENTS, { metadata: CONTROLLER, spec: { replicas: 1 } } as KubeObject]]);
  let isAway = true;
  const rule = foreignRule(
    {
      async named(resource, name, waiting) {
        if (isAway) throw new Error('no answer');
        return catalog.named(resource, name, waiting);
      },
    },
    signal,
  );
  await assert.rejects(rule.isForeign(), /no answer/);
  isAway = false;
  assert.equal(await rule.isForeign(), true);
});
