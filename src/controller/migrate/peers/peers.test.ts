import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeOvnIP, SpiderIPPool, WhereaboutsIPPool } from '#api';
import { formatIp } from '#ip';
import type { ForeignRecord } from '../foreign-record.ts';
import { readIP } from './kube-ovn.ts';
import { readPool as readSpiderPool } from './spiderpool.ts';
import { ipOfReservation, readPool as readWhereaboutsPool } from './whereabouts.ts';

function shown(records: readonly ForeignRecord[]): readonly string[] {
  return records.map(({ ip, pod, interface: ifname }) =>
    [formatIp(ip), pod === undefined ? '-' : `${pod.namespace}/${pod.name}`, ifname ?? '-'].join(' '),
  );
}

function whereaboutsPool(range: string, allocations: WhereaboutsIPPool['spec']['allocations']): WhereaboutsIPPool {
  return { metadata: { name: 'p', namespace: 'kube-system' }, spec: { range, allocations } };
}

test('readPool() of Whereabouts counts offsets from the network address, of both families', () => {
  const holder = { id: 'c', podref: 'default/a', ifname: 'net1' };
  const four = readWhereaboutsPool(whereaboutsPool('192.168.2.225/28', { '1': holder, '15': { id: 'x', podref: '' } }));
  assert.deepEqual(shown(four.records), ['192.168.2.225 default/a net1', '192.168.2.239 - -']);
  const six = readWhereaboutsPool(whereaboutsPool('fd00::/64', { '18446744073709551615': holder }));
  assert.deepEqual(shown(six.records), ['fd00::ffff:ffff:ffff:ffff default/a net1']);
});

test('readPool() of Whereabouts says what it cannot read', () => {
  for (const [pool, message] of [
    [whereaboutsPool('somewhere', {}), /^IPPool kube-system\/p: spec\.range is "somewhere", expected a prefix$/],
    [whereaboutsPool('10.0.0.0/28', { '16': { id: 'c' } }), /spec\.allocations holds "16", expected offsets below 16$/],
    [whereaboutsPool('10.0.0.0/28', { '-1': { id: 'c' } }), /spec\.allocations holds "-1"/],
  ] as const) {
    assert.match(readWhereaboutsPool(pool).problem ?? '', message);
  }
});

test('ipOfReservation() finds the address behind the name of a network', () => {
  for (const [name, expected] of [
    ['10.0.0.5', '10.0.0.5'],
    ['blue-10.0.0.5', '10.0.0.5'],
    ['dark-blue-10.0.0.5', '10.0.0.5'],
    ['fd00--5', 'fd00::5'],
    ['blue-fd00--5', 'fd00::5'],
    ['fd00-1-2--0', 'fd00:1:2::'],
    ['nothing', undefined],
  ] as const) {
    const ip = ipOfReservation(name);
    assert.equal(ip === undefined ? undefined : formatIp(ip), expected, name);
  }
});

function spiderPool(allocatedIPs: string): SpiderIPPool {
  return {
    metadata: { name: 'pool4', finalizers: ['spiderpool.spidernet.io'] },
    spec: { subnet: '10.6.0.0/16' },
    status: { allocatedIPs },
  };
}

test('readPool() of Spiderpool says what it cannot read, and reads what older versions wrote', () => {
  const none = new Map<string, string>();
  for (const [text, message] of [
    ['{', /^SpiderIPPool pool4: status\.allocatedIPs is "\{", expected a JSON object of addresses$/],
    ['[]', /is "\[\]"/],
    ['{"here":{}}', /holds "here", expected addresses, with who has them$/],
    ['{"10.6.0.9":"default/a"}', /holds "10\.6\.0\.9"/],
  ] as const) {
    assert.match(readSpiderPool(spiderPool(text), none).problem ?? '', message);
  }
  const older = readSpiderPool(spiderPool('{"10.6.0.9":{"namespacedName":"default/a","podUid":"u"}}'), none);
  assert.deepEqual([older.records[0]?.pod, older.problem], [{ namespace: 'default', name: 'a', uid: 'u' }, undefined]);
  assert.deepEqual(readSpiderPool(spiderPool(''), none).records, []);
});

test('readIP() of Kube-OVN reads an address of each family, and says what is none', () => {
  const ip = (v4IpAddress: string, v6IpAddress: string, ipAddress: string): KubeOvnIP => ({
    metadata: { name: 'a.default.lan.default', finalizers: ['kube-ovn-controller'] },
    spec: {
      ...{ podName: 'a', namespace: 'default', nodeName: 'n1', subnet: 'lan', containerID: '', podType: '' },
      ...{ v4IpAddress, v6IpAddress, ipAddress, macAddress: '', attachIps: [], attachMacs: [], attachSubnets: [] },
    },
  });
  const both = ['172.17.0.5 default/a -', 'fd00::5 default/a -'];
  assert.deepEqual(shown(readIP(ip('172.17.0.5', 'fd00::5', '')).records), both);
  assert.deepEqual(shown(readIP(ip('', '', '172.17.0.5,fd00::5')).records), both);
  assert.match(
    readIP(ip('somewhere', '', '')).problem ?? '',
    /^IP a\.default\.lan\.default: "somewhere" is no address$/,
  );
});
