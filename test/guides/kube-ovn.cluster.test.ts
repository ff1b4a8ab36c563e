import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ClusterWalk, startClusterWalk } from './cluster-walk.ts';
import { describeGuide } from './describe-guide.ts';
import { annotationPath, NETWORK, PODS, SUBNET, WORKLOAD } from './kube-ovn-manifests.ts';

describeGuide("Kube-OVN's guide to other CNI plugins", kubectl => {
  let walk: ClusterWalk;

  before(async () => {
    walk = await startClusterWalk(kubectl, ['n1', 'n2']);
    await walk.create(NETWORK);
    await walk.create(SUBNET);
  });
  after(() => walk.end());

  const addressOf = async (pod: string): Promise<string> => {
    const [row] = await walk.table(
      ['get', 'ips.kubeovn.io', `${pod}.default.macvlan.default`, '--ignore-not-found'],
      rows => /^\d/.test(rows[0]?.['V4IP'] ?? ''),
    );
    return row?.['V4IP'] ?? '';
  };

  test('a pod is given any address of the Subnet, one that names an address that', async () => {
    await walk.create(PODS);
    assert.match(await addressOf('samplepod'), /^172\.17\./);
    assert.equal(await addressOf('static-ip'), '172.17.0.100');
    await walk.table(['get', 'subnet', 'macvlan'], ([row]) => row?.['V4USED'] === '2');
    await walk.table(
      ['get', 'pod', 'static-ip', '-o', `custom-columns=ALLOCATED:${annotationPath('allocated')}`],
      ([row]) => row?.['ALLOCATED'] === 'true',
    );
  });

  test("a workload's pods are given its own addresses, and no more of them than there are", async () => {
    await walk.create(WORKLOAD);
    await walk.kubectl('scale', 'deployment', 'static-workload', '--replicas=5');
    const rows = await walk.table(['get', 'ips.kubeovn.io'], ({ length }) => length === 5);
    const own = rows.filter(({ NAME }) => NAME?.startsWith('static-workload-')).map(({ V4IP }) => V4IP);
    assert.deepEqual(own.toSorted(), ['172.17.0.200', '172.17.0.201', '172.17.0.202']);
  });
});
