import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { describeGuide } from './describe-guide.ts';
import { startWalk, type Walk } from './sandbox-walk.ts';
import { APP, NETWORK, POOL, RANGE, UNUSED } from './spiderpool-manifests.ts';
import type { Row } from './terminal.ts';

describeGuide("Spiderpool's quick start", kubectl => {
  let walk: Walk;
  let pods: readonly Row[] = [];

  before(async () => {
    walk = await startWalk(kubectl, '--cluster-network', 'macvlan-conf');
  });
  after(() => walk.end());

  test('the pool and the network are there, and nothing of the pool is taken', async () => {
    assert.equal(await walk.create(POOL), 'spiderippool.spiderpool.spidernet.io/ippool-test created\n');
    await walk.create(NETWORK);
    const [pool] = await walk.table(['get', 'sp'], ([row]) => row?.['ALLOCATED-IP-COUNT'] === '0');
    assert.deepEqual(pool, UNUSED);
    const nads = await walk.table(['get', 'network-attachment-definitions.k8s.cni.cncf.io', '-n', 'kube-system']);
    assert.deepEqual(
      nads.map(({ NAME }) => NAME),
      ['macvlan-conf'],
    );
  });

  test('the pods run, with addresses of the pool', async () => {
    await walk.create(APP);
    pods = await walk.table(
      ['get', 'po', '-l', 'app=test-app', '-o', 'wide'],
      rows => rows.length === 2 && rows.every(({ READY, STATUS }) => READY === '1/1' && STATUS === 'Running'),
    );
    for (const { NAME = '', IP = '', NODE = '', RESTARTS } of pods) {
      assert.match(NAME, /^test-app-[a-z0-9]+-[a-z0-9]{5}$/);
      assert.match(IP, RANGE);
      assert.match(NODE, /^n[12]$/);
      assert.equal(RESTARTS, '0');
    }
    assert.notEqual(pods[0]?.['NODE'], pods[1]?.['NODE']);
  });

  test('the pool counts them', async () => {
    const [pool] = await walk.table(['get', 'spiderippool'], ([row]) => row?.['ALLOCATED-IP-COUNT'] === '2');
    assert.deepEqual([pool?.['TOTAL-IP-COUNT'], pool?.['DEFAULT']], ['10', 'false']);
  });

  test('each pod has its SpiderEndpoint', async () => {
    const rows = await walk.table(['get', 'spiderendpoints'], ({ length }) => length === 2);
    assert.deepEqual(
      rows
        .toSorted(byName)
        .map(({ NAME, INTERFACE, IPV4POOL, IPV4, IPV6POOL, IPV6, NODE }) => [
          NAME,
          INTERFACE,
          IPV4POOL,
          IPV4,
          `${IPV6POOL}${IPV6}`,
          NODE,
        ]),
      pods.toSorted(byName).map(({ NAME, IP, NODE }) => [NAME, 'eth0', 'ippool-test', `${IP}/16`, '', NODE]),
    );
  });

  test('the pods reach each other, and their own Service', async () => {
    const [first, second] = pods;
    const ask = (pod: Row | undefined, host: string | undefined): Promise<string> =>
      walk.ask(pod?.['NAME'] ?? '', `http://${host}:80/hostname`);
    assert.equal(await ask(first, second?.['IP']), second?.['NAME']);
    const services = await walk.table(['get', 'service']);
    const service = services.find(({ NAME }) => NAME === 'test-app-svc');
    assert.deepEqual([service?.['TYPE'], service?.['PORT(S)']], ['ClusterIP', '80/TCP']);
    const answer = await ask(first, service?.['CLUSTER-IP']);
    assert.ok(
      pods.some(({ NAME }) => NAME === answer),
      answer,
    );
  });

  test('pods that come again keep to the pool; when all are gone nothing is taken', async () => {
    await walk.kubectl('delete', 'pod', '-l', 'app=test-app');
    const now = await walk.table(
      ['get', 'po', '-l', 'app=test-app', '-o', 'wide'],
      rows => rows.length === 2 && rows.every(({ READY }) => READY === '1/1'),
    );
    for (const { IP = '' } of now) assert.match(IP, RANGE);
    await walk.kubectl('delete', 'deployment', 'test-app');
    await walk.table(['get', 'spiderippool'], ([row]) => row?.['ALLOCATED-IP-COUNT'] === '0');
    await walk.table(['get', 'spiderendpoints'], ({ length }) => length === 0);
  });
});

function byName(a: Row, b: Row): number {
  return (a['NAME'] ?? '') < (b['NAME'] ?? '') ? -1 : 1;
}
