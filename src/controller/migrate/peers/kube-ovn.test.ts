import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IP_ALLOCATIONS, KUBE_OVN_IPS, KUBE_OVN_SUBNETS, type KubeOvnIP } from '#api';
import { loadKubeOvnObjects } from '#ipam';
import type { KubeClient } from '#kube';
import { createNetwork, createPod, createSet, go, held, outcomes, shown, withNode } from '../testing.ts';
import { KUBE_OVN, readAnnotations, readIP } from './kube-ovn.ts';

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

test("readAnnotations() finds the Subnet by provider and address, of each interface, and leaves OVN networks' alone", async () => {
  const subnet = (name: string, provider: string, cidrBlock: string) => ({
    metadata: { name },
    spec: { provider, cidrBlock },
  });
  const subnets = [
    subnet('first', 'lan.default', '10.1.0.0/24'),
    subnet('second', 'lan.default', '10.2.0.0/24,fd00:2::/64'),
    subnet('other', 'lan.prod', '10.1.0.0/24'),
  ];
  const allocated = (instance: string, addresses: string, done = 'true') => ({
    [`${instance}.kubernetes.io/allocated`]: done,
    [`${instance}.kubernetes.io/ip_address`]: addresses,
  });
  const annotations = {
    ...allocated('lan.default', '10.2.0.5,fd00:2::5'),
    ...allocated('lan.default.net2', '10.1.0.6'),
    // An OVN network of the same name, an address of no Subnet, one that was only asked for, one of another network.
    ...allocated('lan.default.ovn', '10.1.0.7'),
    ...allocated('lan.default.net3', '10.9.0.8'),
    ...allocated('lan.default.net4', '10.1.0.9', 'false'),
    ...allocated('lan.prod.a.b', '10.1.0.10'),
  };
  const pod = { metadata: { name: 'a', namespace: 'default', annotations }, spec: {} };
  const records = readAnnotations(pod, subnets, await loadKubeOvnObjects());
  assert.deepEqual(shown(records), ['10.2.0.5 default/a -', 'fd00:2::5 default/a -', '10.1.0.6 default/a net2']);
  assert.deepEqual(
    records.map(({ object }) => object.name.name),
    ['second', 'second', 'first'],
  );
});

const FINALIZERS = ['kubeovn.io/kube-ovn-controller'];

/** A network with addresses of a Subnet. */
async function createLan(client: KubeClient): Promise<void> {
  await createNetwork(client, 'lan', { type: 'kube-ovn', server_socket: '/run/x.sock', provider: 'lan.default' });
  await client.create(KUBE_OVN_SUBNETS, {
    metadata: { name: 'lan', finalizers: FINALIZERS },
    spec: { provider: 'lan.default', protocol: 'IPv4', cidrBlock: '172.17.0.0/16', gateway: '172.17.0.1' },
  });
}

/** As Kube-OVN's controller writes it. */
async function createIp(
  client: KubeClient,
  name: string,
  address: string,
  of: Pick<KubeOvnIP['spec'], 'podName' | 'nodeName' | 'subnet' | 'podType'>,
): Promise<void> {
  await client.create(KUBE_OVN_IPS, {
    metadata: { name, finalizers: FINALIZERS },
    spec: {
      ...{ ...of, namespace: 'default', containerID: '' },
      ...{ v4IpAddress: address, v6IpAddress: '', ipAddress: address, macAddress: '' },
      ...{ attachIps: [], attachMacs: [], attachSubnets: [] },
    },
  });
}

test("migrate() imports the IPs of Kube-OVN's Subnets for other CNIs, and leaves those of OVN alone", async () => {
  await withNode(async scene => {
    const { client } = scene;
    await createLan(client);
    await client.create(KUBE_OVN_SUBNETS, {
      metadata: { name: 'ovn-default' },
      spec: { provider: 'ovn', protocol: 'IPv4', cidrBlock: '10.16.0.0/16', gateway: '10.16.0.1' },
    });
    const annotations = {
      'lan.default.kubernetes.io/ip_address': '172.17.0.5',
      'lan.default.kubernetes.io/allocated': 'true',
    };
    await createPod(client, 'a', { networks: 'lan', annotations });
    for (const [name, subnet, address] of [
      ['a.default.lan.default', 'lan', '172.17.0.5'],
      ['a.default', 'ovn-default', '10.16.0.9'],
    ] as const) {
      await createIp(client, name, address, { podName: 'a', nodeName: 'n1', subnet, podType: '' });
    }
    // Whose IP somebody has deleted.
    const of = (key: string, text: string) => [`lan.default.kubernetes.io/${key}`, text] as const;
    const annotated = [of('allocated', 'true'), of('ip_address', '172.17.0.6')];
    await createPod(client, 'b', { networks: 'lan', annotations: Object.fromEntries(annotated) });
    const report = await go(scene, KUBE_OVN);
    assert.deepEqual(outcomes(report), ['172.17.0.5 imported', '172.17.0.6 imported']);
    assert.deepEqual(await held(client), [
      ['default-172.17.0.5', 'a', 'net1', 'n1', 'kube-ovn'],
      ['default-172.17.0.6', 'b', 'net1', 'n1', 'kube-ovn'],
    ]);
    assert.deepEqual([...report.takenOver].sort(), ['IP a.default.lan.default', 'Subnet lan']);
    assert.deepEqual(outcomes(await go(scene, KUBE_OVN)), []);
  });
});

test('migrate() imports IPs that wait for pods of a StatefulSet', async () => {
  await withNode(async scene => {
    const { client } = scene;
    await createLan(client);
    const { metadata } = await createSet(client, 'db', 2, { 'k8s.v1.cni.cncf.io/networks': 'lan' });
    for (const [podName, address] of [
      ['db-1', '172.17.0.5'],
      ['db-2', '172.17.0.6'],
    ] as const) {
      const of = { podName, nodeName: '', subnet: 'lan', podType: 'StatefulSet' };
      await createIp(client, `${podName}.default.lan.default`, address, of);
    }
    assert.deepEqual(outcomes(await go(scene, KUBE_OVN)), ['172.17.0.5 imported', '172.17.0.6 stale']);
    assert.deepEqual(await held(client), [['default-172.17.0.5', 'db-1', 'net1', 'n1', 'kube-ovn']]);
    const [claim] = (await client.list(IP_ALLOCATIONS)).items;
    const workload = { kind: 'StatefulSet', name: 'db', uid: metadata.uid, member: 'db-1' };
    assert.deepEqual([claim?.spec.policy, claim?.spec.owner.workload], ['Sticky', workload]);
    assert.deepEqual(outcomes(await go(scene, KUBE_OVN)), []);
  });
});
