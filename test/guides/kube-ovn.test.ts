import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { describeGuide } from './describe-guide.ts';
import { annotationPath, NETWORK, PODS, SUBNET, WORKLOAD } from './kube-ovn-manifests.ts';
import { startWalk, type Walk } from './sandbox-walk.ts';

describeGuide("Kube-OVN's guide to other CNI plugins", kubectl => {
  let walk: Walk;

  before(async () => {
    walk = await startWalk(kubectl);
    await walk.create(NETWORK);
    assert.equal(await walk.create(SUBNET), 'subnet.kubeovn.io/macvlan created\n');
  });
  after(() => walk.end());

  const untilRunning = async (count: number, ...which: readonly string[]): Promise<string[]> => {
    const rows = await walk.table(
      ['get', 'pod', ...which],
      all => all.length === count && all.every(({ STATUS, READY }) => STATUS === 'Running' && READY === '1/1'),
    );
    return rows.map(({ NAME = '' }) => NAME);
  };
  async function net1Of(pod: string): Promise<string> {
    const [link] = JSON.parse(await walk.inPod(pod, 'ip', '-j', '-4', 'addr', 'show', 'dev', 'net1'));
    return `${link.addr_info[0].local}/${link.addr_info[0].prefixlen}`;
  }

  test('a pod gets any address of the Subnet, one that names an address gets that', async () => {
    await walk.create(PODS);
    await untilRunning(2, 'samplepod', 'static-ip');
    const random = await net1Of('samplepod');
    assert.match(random, /^172\.17\.\d+\.\d+\/16$/);
    assert.doesNotMatch(random, /^172\.17\.0\.(\d|10)\//, 'none of those that are excluded');
    assert.equal(await net1Of('static-ip'), '172.17.0.100/16');
    const host = random.replace('/16', '');
    assert.equal(await walk.ask('static-ip', `http://${host}:8080/clientip`), '172.17.0.100');
  });

  test("Kube-OVN's own objects and the pod's annotations say so", async () => {
    const ips = await walk.table(['get', 'ips.kubeovn.io'], ({ length }) => length === 2);
    const fixed = ips.find(({ NAME }) => NAME === 'static-ip.default.macvlan.default');
    assert.deepEqual([fixed?.['V4IP'], fixed?.['SUBNET']], ['172.17.0.100', 'macvlan']);
    const [subnet] = await walk.table(['get', 'subnet', 'macvlan'], ([row]) => row?.['V4USED'] === '2');
    assert.deepEqual(
      [subnet?.['PROVIDER'], subnet?.['PROTOCOL'], subnet?.['CIDR']],
      ['macvlan.default', 'IPv4', '172.17.0.0/16'],
    );
    const columns = ['allocated', 'cidr', 'gateway'].map(key => `${key}:${annotationPath(key)}`);
    await walk.table(
      ['get', 'pod', 'static-ip', '-o', `custom-columns=${columns.join()}`],
      ([row]) => Object.values(row ?? {}).join() === 'true,172.17.0.0/16,172.17.0.1',
    );
  });

  test("a workload's pods keep to its own addresses", async () => {
    await walk.create(WORKLOAD);
    const own = ['-l', 'app=static-workload'];
    const allowed = ['172.17.0.200/16', '172.17.0.201/16', '172.17.0.202/16'];
    for (let round = 0; round < 2; round++) {
      const addresses = await Promise.all((await untilRunning(2, ...own)).map(net1Of));
      assert.equal(new Set(addresses).size, 2);
      assert.deepEqual(
        addresses.filter(address => !allowed.includes(address)),
        [],
      );
      await walk.kubectl('delete', 'pod', ...own);
    }
  });

  test('with the pods their addresses go', async () => {
    await walk.kubectl('delete', 'deployment/static-workload', 'pod/samplepod', 'pod/static-ip');
    await walk.table(['get', 'ipallocations'], rows => rows.length === 0);
  });
});
