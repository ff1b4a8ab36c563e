import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ClusterWalk, startClusterWalk } from './cluster-walk.ts';
import { describeGuide } from './describe-guide.ts';
import { APP, NETWORK, POOL, RANGE, UNUSED } from './spiderpool-manifests.ts';
import type { Row } from './terminal.ts';

/** The nodes of the guide's listings. */
const NODES = ['ipv4-control-plane', 'ipv4-worker'];

describeGuide("Spiderpool's quick start", kubectl => {
  let walk: ClusterWalk;
  let pods: readonly Row[] = [];

  before(async () => {
    walk = await startClusterWalk(kubectl, NODES, '--cluster-network', 'kube-system/macvlan-conf');
    await walk.create(NETWORK);
  });
  after(() => walk.end());

  test('the pool is there, and nothing of it is taken', async () => {
    await walk.create(POOL);
    const [pool] = await walk.table(['get', 'sp'], ([row]) => row?.['ALLOCATED-IP-COUNT'] === '0');
    assert.deepEqual(pool, UNUSED);
  });

  test('pods have their addresses as soon as they have a node', async () => {
    await walk.create(APP);
    pods = await walk.table(
      ['get', 'po', '-l', 'app=test-app', '-o', 'wide'],
      rows => rows.length === 2 && rows.every(({ NODE = '' }) => NODES.includes(NODE)),
    );
    assert.deepEqual(pods.map(({ NODE }) => NODE).toSorted(), NODES);
    for (const { NAME = '' } of pods) assert.match(NAME, /^test-app-[a-z0-9]+-[a-z0-9]{5}$/);
    const [pool] = await walk.table(['get', 'spiderippool'], ([row]) => row?.['ALLOCATED-IP-COUNT'] === '2');
    assert.deepEqual([pool?.['TOTAL-IP-COUNT'], pool?.['DEFAULT']], ['10', 'false']);
  });

  test('each pod has its SpiderEndpoint, of the Deployment', async () => {
    const rows = await walk.table(['get', 'spiderendpoints'], ({ length }) => length === 2);
    for (const { NAME, INTERFACE, IPV4POOL, IPV4 = '', NODE } of rows) {
      const pod = pods.find(row => row['NAME'] === NAME);
      assert.deepEqual([INTERFACE, IPV4POOL, NODE], ['eth0', 'ippool-test', pod?.['NODE']]);
      assert.match(IPV4.replace('/16', ''), RANGE);
    }
    assert.equal(new Set(rows.map(({ IPV4 }) => IPV4)).size, 2);
    const owners = ['ownerControllerType', 'ownerControllerName'].map(field => `{.items[*].status.${field}}`);
    const shown = await walk.kubectl('get', 'spiderendpoints', '-o', `jsonpath=${owners.join(' ')}`);
    assert.equal(shown, 'Deployment Deployment test-app test-app');
  });

  test('the pool gives to no more pods than it has addresses for', async () => {
    await walk.kubectl('scale', 'deployment', 'test-app', '--replicas=12');
    const [pool] = await walk.table(['get', 'sp'], ([row]) => row?.['ALLOCATED-IP-COUNT'] === '10');
    assert.equal(pool?.['TOTAL-IP-COUNT'], '10');
    const held = await walk.table(['get', 'ipallocations'], ({ length }) => length === 10);
    assert.equal(new Set(held.map(({ ADDRESS }) => ADDRESS)).size, 10);
  });

  test('addresses of pods whose node is gone, and its agent with it, come back', async () => {
    await walk.kubectl('delete', 'deployment', 'test-app');
    for (const node of NODES) {
      await walk.kubectl('delete', 'node', node);
      await walk.kubectl('delete', 'lease', `underlane-agent-${node}`, '-n', 'kube-system');
    }
    await walk.kubectl('delete', 'pods', '-l', 'app=test-app', '--force', '--grace-period=0', '--wait=false');
    await walk.table(['get', 'sp'], ([row]) => row?.['ALLOCATED-IP-COUNT'] === '0');
    await walk.table(['get', 'spiderendpoints'], ({ length }) => length === 0);
  });
});
