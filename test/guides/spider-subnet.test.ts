import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { describeGuide } from './describe-guide.ts';
import { startWalk, type Walk } from './sandbox-walk.ts';
import { NETWORK } from './spiderpool-manifests.ts';
import type { Row } from './terminal.ts';

const SUBNET = `
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderSubnet
metadata:
  name: subnet-6
spec:
  subnet: 172.18.0.0/16
  gateway: 172.18.0.1
  ips:
  - 172.18.30.131-172.18.30.140
`;

const APP = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: test-app-1
spec:
  replicas: 2
  selector:
    matchLabels:
      app: test-app-1
  template:
    metadata:
      annotations:
        ipam.spidernet.io/subnet: |-
          {
            "ipv4": ["subnet-6"]
          }
        ipam.spidernet.io/ippool-ip-number: '+1'
      labels:
        app: test-app-1
    spec:
      containers:
      - name: test-app-1
        image: nginx
        imagePullPolicy: IfNotPresent
`;

const OVERLAPPING = `
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata:
  name: by-hand
spec:
  subnet: 172.18.0.0/16
  ips:
  - 172.18.30.132-172.18.30.134
`;

describeGuide("Spiderpool's guide to subnets", kubectl => {
  let walk: Walk;
  let pool = '';

  before(async () => {
    walk = await startWalk(kubectl, '--cluster-network', 'macvlan-conf');
  });
  after(() => walk.end());

  const runningPods = (count: number): Promise<readonly Row[]> =>
    walk.table(
      ['get', 'po', '-l', 'app=test-app-1', '-o', 'wide'],
      rows => rows.length === count && rows.every(({ READY }) => READY === '1/1'),
    );

  test('a Deployment has a pool of its own, one address larger than it', async () => {
    await walk.create(SUBNET);
    await walk.create(NETWORK);
    await walk.create(APP);
    const pods = await runningPods(2);
    for (const { IP = '' } of pods) assert.match(IP, /^172\.18\.30\.13[123]$/);
    const [row] = await walk.table(['get', 'sp'], ([first]) => first?.['ALLOCATED-IP-COUNT'] === '2');
    pool = row?.['NAME'] ?? '';
    assert.match(pool, /^auto4-test-app-1-eth0-[0-9a-f]{5}$/);
    assert.deepEqual([row?.['SUBNET'], row?.['TOTAL-IP-COUNT']], ['172.18.0.0/16', '3']);
    const [subnet] = await walk.table(['get', 'ss'], ([first]) => first?.['ALLOCATED-IP-COUNT'] === '3');
    assert.deepEqual([subnet?.['NAME'], subnet?.['TOTAL-IP-COUNT']], ['subnet-6', '10']);
    const [wide] = await walk.table(['get', 'spiderippool', '-o', 'wide']);
    assert.equal(wide?.['APP-NAMESPACE'], 'default');
  });

  test('nobody else gets a pool with one of its addresses', async () => {
    await assert.rejects(walk.create(OVERLAPPING), (error: Error) => {
      assert.match(
        error.message,
        new RegExp(`overlap with IPPool ${pool} in IP ranges \\[172.18.30.132-172.18.30.133\\]`),
      );
      return true;
    });
  });

  test('the pool follows the Deployment, and goes with it', async () => {
    await walk.kubectl('scale', 'deployment', 'test-app-1', '--replicas=4');
    await runningPods(4);
    await walk.table(['get', 'sp'], ([row]) => row?.['ALLOCATED-IP-COUNT'] === '4' && row['TOTAL-IP-COUNT'] === '5');
    await walk.kubectl('scale', 'deployment', 'test-app-1', '--replicas=1');
    await walk.table(['get', 'sp'], ([row]) => row?.['ALLOCATED-IP-COUNT'] === '1' && row['TOTAL-IP-COUNT'] === '2');
    await walk.kubectl('delete', 'deployment', 'test-app-1');
    await walk.table(['get', 'sp'], ({ length }) => length === 0);
    await walk.table(['get', 'ss'], ([row]) => row?.['ALLOCATED-IP-COUNT'] === '0');
  });
});
