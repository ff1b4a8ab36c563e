import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Application,
  DAEMON_SETS,
  IP_ALLOCATIONS,
  KUBE_OVN_IPS,
  KUBE_OVN_SUBNETS,
  NETWORK_ATTACHMENT_DEFINITIONS,
  NODE_SLICE_POOLS,
  NODES,
  OVERLAPPING_RANGE_IP_RESERVATIONS,
  PODS,
  type Pod,
  SPIDER_ENDPOINTS,
  SPIDER_IP_POOLS,
  WHEREABOUTS_IP_POOLS,
} from '#api';
import type { KubeClient } from '#kube';
import { type ControllerScene, createAgentLease, withControllerScene } from '../../../test/controller/scene.ts';
import { formatMigration } from './format-migration.ts';
import { migrate } from './migrate.ts';
import type { MigrationReport } from './migration-report.ts';
import type { Peer } from './peer.ts';
import { KUBE_OVN } from './peers/kube-ovn.ts';
import { SPIDERPOOL } from './peers/spiderpool.ts';
import { WHEREABOUTS } from './peers/whereabouts.ts';

/** A cluster with one node, on which an agent runs. */
async function withNode(run: (scene: ControllerScene) => Promise<void>): Promise<void> {
  await withControllerScene(async scene => {
    const { client } = scene;
    await client.create(NODES, { metadata: { name: 'n1' } });
    await createAgentLease(client, 'n1');
    await run(scene);
  });
}

/** As a command does it: from what is there now. */
async function go(
  { join, signal }: ControllerScene,
  peer: Peer,
  { isDryRun = false, isForced = false } = {},
): Promise<MigrationReport> {
  return migrate({ peer, isDryRun, isForced }, await join(), signal);
}

async function createNetwork(client: KubeClient, name: string, ipam: object): Promise<void> {
  const config = { cniVersion: '1.0.0', name, type: 'macvlan', master: 'up0', ipam };
  await client.create(NETWORK_ATTACHMENT_DEFINITIONS, {
    metadata: { name, namespace: 'default' },
    spec: { config: JSON.stringify(config) },
  });
}

interface PodOptions {
  readonly networks: string;
  readonly status?: readonly { readonly name: string; readonly interface: string; readonly ips: readonly string[] }[];
  readonly annotations?: Readonly<Record<string, string>>;
}

function createPod(client: KubeClient, name: string, { networks, status, annotations }: PodOptions): Promise<Pod> {
  return client.create(PODS, {
    metadata: {
      name,
      namespace: 'default',
      annotations: {
        'k8s.v1.cni.cncf.io/networks': networks,
        ...(status === undefined ? {} : { 'k8s.v1.cni.cncf.io/network-status': JSON.stringify(status) }),
        ...annotations,
      },
    },
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'x' }] },
  });
}

function daemonSet(name: string, image: string): Application {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image }] } };
  return {
    metadata: { name, namespace: 'kube-system' },
    spec: { selector: { matchLabels: labels }, template } as Application['spec'],
  };
}

async function held(client: KubeClient) {
  const { items } = await client.list(IP_ALLOCATIONS);
  return items.map(({ metadata, spec }) => [
    metadata.name,
    spec.owner.podName,
    spec.owner.interface,
    spec.node,
    metadata.labels?.['underlane.io/imported-from'],
  ]);
}

function outcomes({ addresses }: MigrationReport): readonly string[] {
  return addresses.map(({ address, outcome }) => `${address} ${outcome}`).sort();
}

const POOL = { namespace: 'kube-system', name: '192.168.2.224-28' };
const RESERVATION = { namespace: 'kube-system', name: '192.168.2.225' };

async function whereaboutsCluster(client: KubeClient): Promise<void> {
  await createNetwork(client, 'lan', { type: 'whereabouts', range: '192.168.2.225/28' });
  const lan = { name: 'default/lan', interface: 'net1' };
  await createPod(client, 'a', { networks: 'lan', status: [{ ...lan, ips: ['192.168.2.225'] }] });
  await createPod(client, 'again', { networks: 'lan', status: [{ ...lan, ips: ['192.168.2.230'] }] });
  await client.create(WHEREABOUTS_IP_POOLS, {
    metadata: POOL,
    spec: {
      range: '192.168.2.224/28',
      allocations: {
        '1': { id: 'c1', podref: 'default/a', ifname: 'net1' },
        '2': { id: 'c2', podref: 'default/gone', ifname: 'net1' },
        // Of a pod of the same name that was there before.
        '3': { id: 'c3', podref: 'default/again', ifname: 'net1' },
        // As definitions drop it that are older than the field.
        '6': { id: 'c4', podref: 'default/again' },
      },
    },
  });
  await client.create(OVERLAPPING_RANGE_IP_RESERVATIONS, {
    metadata: RESERVATION,
    spec: { podref: 'default/a', containerid: 'c1' },
  });
}

test('migrate() imports what pods have of Whereabouts, says it before, and finds it done when repeated', async () => {
  await withNode(async scene => {
    const { client } = scene;
    await whereaboutsCluster(client);
    const before = await go(scene, WHEREABOUTS, { isDryRun: true });
    assert.deepEqual(outcomes(before), [
      '192.168.2.225 missing',
      '192.168.2.226 stale',
      '192.168.2.227 stale',
      '192.168.2.230 missing',
    ]);
    assert.deepEqual(await held(client), []);
    assert.match(
      formatMigration(before),
      /^ADDRESS +POD +INTERFACE +NODE +RECORD +OUTCOME\n192\.168\.2\.225 +default\/a +net1 +n1 +IPPool kube-system\/192\.168\.2\.224-28 +missing\n/,
    );
    assert.match(
      formatMigration(before),
      /\nwhereabouts: 2 missing, 2 stale\n2 objects would be taken over, 0 stay as they are\nNothing was written/,
    );
    const report = await go(scene, WHEREABOUTS);
    assert.deepEqual(outcomes(report).filter(text => text.endsWith('imported')).length, 2);
    const claims = [
      ['default-192.168.2.225', 'a', 'net1', 'n1', 'whereabouts'],
      ['default-192.168.2.230', 'again', 'net1', 'n1', 'whereabouts'],
    ];
    assert.deepEqual(await held(client), claims);
    const pool = await client.get(WHEREABOUTS_IP_POOLS, POOL);
    const reservation = await client.get(OVERLAPPING_RANGE_IP_RESERVATIONS, RESERVATION);
    for (const { metadata } of [pool, reservation]) assert.equal(metadata.labels?.['underlane.io/view'], 'claims');
    const again = await go(scene, WHEREABOUTS);
    assert.deepEqual([again.addresses, again.takenOver, again.left], [[], [], []]);
    assert.deepEqual(await held(client), claims);
  });
});

test("migrate() imports addresses of nodes' slices, of networks with a name, and those that only a reservation names", async () => {
  await withNode(async scene => {
    const { client } = scene;
    const named = { type: 'whereabouts', network_name: 'blue' };
    await createNetwork(client, 'sliced', { ...named, range: '10.9.0.0/16', node_slice_size: '/24' });
    await createNetwork(client, 'six', { ...named, range: 'fd00:9::/64' });
    await createPod(client, 'a', { networks: 'sliced,six' });
    const namespace = 'kube-system';
    await client.create(NODE_SLICE_POOLS, {
      metadata: { namespace, name: 'blue' },
      spec: { range: '10.9.0.0/16', sliceSize: '/24' },
      status: { allocations: [{ nodeName: 'n1', sliceRange: '10.9.7.0/24' }] },
    });
    await client.create(WHEREABOUTS_IP_POOLS, {
      metadata: { namespace, name: 'blue-n1-10.9.7.0-24' },
      spec: { range: '10.9.7.0/24', allocations: { '9': { id: 'c1', podref: 'default/a', ifname: 'net1' } } },
    });
    const podref = 'default/a';
    await client.create(OVERLAPPING_RANGE_IP_RESERVATIONS, {
      metadata: { namespace, name: 'blue-10.9.7.9' },
      spec: { podref, ifname: 'net1' },
    });
    await client.create(OVERLAPPING_RANGE_IP_RESERVATIONS, {
      metadata: { namespace, name: 'blue-fd00-9--5' },
      spec: { podref, ifname: 'net2' },
    });
    const report = await go(scene, WHEREABOUTS);
    assert.deepEqual(outcomes(report), ['10.9.7.9 imported', 'fd00:9::5 imported']);
    assert.deepEqual(
      (await held(client)).map(([name, , ifname]) => [name, ifname]),
      [
        ['blue-10.9.7.9', 'net1'],
        ['blue-fd00-0009-0000-0000-0000-0000-0000-0005', 'net2'],
      ],
    );
    assert.deepEqual(report.takenOver.map(text => text.split(' ')[0]).sort(), [
      'IPPool',
      'NodeSlicePool',
      'OverlappingRangeIPReservation',
      'OverlappingRangeIPReservation',
    ]);
  });
});

test('migrate() goes on after one that broke off half-way', async () => {
  await withNode(async scene => {
    const { client, join, signal } = scene;
    await whereaboutsCluster(client);
    let creates = 0;
    const broken = await join({
      wrap: plain => ({
        ...plain,
        create: (resource, object, options) => {
          if (resource.kind === IP_ALLOCATIONS.kind && ++creates > 1) throw new Error('killed');
          return plain.create(resource, object, options);
        },
      }),
    });
    await assert.rejects(migrate({ peer: WHEREABOUTS, isDryRun: false, isForced: false }, broken, signal), /killed/);
    assert.equal((await held(client)).length, 1);
    const report = await go(scene, WHEREABOUTS);
    assert.deepEqual(outcomes(report).filter(text => /imported|present/.test(text)).length, 2);
    assert.equal((await held(client)).length, 2);
  });
});

test('migrate() writes nothing while others may still allocate, and names them', async () => {
  await withNode(async scene => {
    const { client } = scene;
    await whereaboutsCluster(client);
    await client.create(DAEMON_SETS, daemonSet('whereabouts', 'ghcr.io/k8snetworkplumbingwg/whereabouts:v0.9.2'));
    await client.create(NODES, { metadata: { name: 'n2' } });
    await client.create(PODS, {
      metadata: { name: 'kube-multus-ds-x', namespace: 'kube-system' },
      spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'example.com:5000/multus-cni@sha256:0123' }] },
    });
    const report = await go(scene, WHEREABOUTS);
    assert.deepEqual(report.writers, [
      'DaemonSet kube-system/whereabouts',
      'pod kube-system/kube-multus-ds-x on node n1',
      'node n2, which has no agent',
    ]);
    assert.match(report.refused ?? '', /others may still allocate/);
    assert.deepEqual(await held(client), []);
    await go(scene, WHEREABOUTS, { isForced: true });
    assert.equal((await held(client)).length, 2);
  });
});

test('migrate() takes no object over while an address has no place, or belongs to somebody else here', async () => {
  await withNode(async scene => {
    const { client } = scene;
    await createPod(client, 'a', { networks: 'lan' });
    await client.create(WHEREABOUTS_IP_POOLS, {
      metadata: POOL,
      spec: { range: '192.168.2.224/28', allocations: { '1': { id: 'c1', podref: 'default/a', ifname: 'net1' } } },
    });
    const unplaced = await go(scene, WHEREABOUTS);
    assert.deepEqual([outcomes(unplaced), unplaced.takenOver], [['192.168.2.225 unplaced'], []]);
    assert.deepEqual(unplaced.left, ['IPPool kube-system/192.168.2.224-28']);
    await createNetwork(client, 'lan', { type: 'whereabouts', range: '192.168.2.225/28' });
    await client.create(IP_ALLOCATIONS, {
      metadata: { name: 'default-192.168.2.225' },
      spec: {
        address: '192.168.2.225/28',
        pool: { dialect: 'whereabouts', kind: 'IPPool', name: '192.168.2.224-28' },
        owner: {
          podNamespace: 'default',
          podName: 'b',
          podUid: 'other',
          network: 'default/lan',
          interface: 'net1',
          slot: 0,
        },
        node: 'n1',
        policy: 'Ephemeral',
      },
    });
    for (const isDryRun of [true, false]) {
      const report = await go(scene, WHEREABOUTS, { isDryRun });
      assert.deepEqual([outcomes(report), report.takenOver], [['192.168.2.225 held'], []]);
    }
  });
});

test('migrate() imports what SpiderIPPools say, on the interfaces that SpiderEndpoints say', async () => {
  await withNode(async scene => {
    const { client } = scene;
    await createNetwork(client, 'lan', { type: 'spiderpool' });
    const finalizers = ['spiderpool.spidernet.io'];
    const pool = await client.create(SPIDER_IP_POOLS, {
      metadata: { name: 'pool4', finalizers },
      spec: { subnet: '10.6.0.0/16', ips: ['10.6.0.10-10.6.0.20'], gateway: '10.6.0.1' },
    });
    const annotations = { 'ipam.spidernet.io/ippool': JSON.stringify({ ipv4: ['pool4'] }) };
    const pod = await createPod(client, 'a', { networks: 'lan,lan', annotations });
    const podUid = pod.metadata.uid ?? '';
    const allocated = {
      '10.6.0.10': { pod: 'default/a', podUid },
      '10.6.0.12': { pod: 'default/a', podUid },
      '10.6.0.11': { pod: 'default/a', podUid: 'former' },
    };
    await client.mergePatch(
      SPIDER_IP_POOLS,
      pool.metadata,
      { status: { allocatedIPs: JSON.stringify(allocated), totalIPCount: 11, allocatedIPCount: 3 } },
      { subresource: 'status' },
    );
    const ips = [
      { interface: 'net1', ipv4: '10.6.0.12/16', ipv4Pool: 'pool4' },
      { interface: 'net2', ipv4: '10.6.0.10/16', ipv4Pool: 'pool4' },
    ];
    await client.create(SPIDER_ENDPOINTS, {
      metadata: { name: 'a', namespace: 'default', finalizers },
      status: { current: { uid: podUid, node: 'n1', ips }, ownerControllerType: 'Pod', ownerControllerName: 'a' },
    });
    const report = await go(scene, SPIDERPOOL);
    assert.deepEqual(outcomes(report), ['10.6.0.10 imported', '10.6.0.11 stale', '10.6.0.12 imported']);
    assert.deepEqual(await held(client), [
      ['default-10.6.0.10', 'a', 'net2', 'n1', 'spiderpool'],
      ['default-10.6.0.12', 'a', 'net1', 'n1', 'spiderpool'],
    ]);
    assert.deepEqual([...report.takenOver].sort(), ['SpiderEndpoint default/a', 'SpiderIPPool pool4']);
    assert.equal((await client.get(SPIDER_IP_POOLS, pool.metadata)).metadata.finalizers?.length ?? 0, 0);
  });
});

test("migrate() imports the IPs of Kube-OVN's Subnets for other CNIs, and leaves those of OVN alone", async () => {
  await withNode(async scene => {
    const { client } = scene;
    await createNetwork(client, 'lan', { type: 'kube-ovn', server_socket: '/run/x.sock', provider: 'lan.default' });
    const finalizers = ['kubeovn.io/kube-ovn-controller'];
    await client.create(KUBE_OVN_SUBNETS, {
      metadata: { name: 'lan', finalizers },
      spec: { provider: 'lan.default', protocol: 'IPv4', cidrBlock: '172.17.0.0/16', gateway: '172.17.0.1' },
    });
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
      await client.create(KUBE_OVN_IPS, {
        metadata: { name, finalizers },
        spec: {
          ...{ podName: 'a', namespace: 'default', nodeName: 'n1', subnet, containerID: '', podType: '' },
          ...{ v4IpAddress: address, v6IpAddress: '', ipAddress: address, macAddress: '' },
          ...{ attachIps: [], attachMacs: [], attachSubnets: [] },
        },
      });
    }
    // Whose IP somebody has deleted.
    const of = (key: string, text: string) => [`lan.default.kubernetes.io/${key}`, text] as const;
    const annotated = [of('allocated', 'true'), of('logical_switch', 'lan'), of('ip_address', '172.17.0.6')];
    await createPod(client, 'b', { networks: 'lan', annotations: Object.fromEntries(annotated) });
    const report = await go(scene, KUBE_OVN);
    assert.deepEqual(outcomes(report), ['172.17.0.5 imported', '172.17.0.6 imported']);
    assert.deepEqual(await held(client), [
      ['default-172.17.0.5', 'a', 'net1', 'n1', 'kube-ovn'],
      ['default-172.17.0.6', 'b', 'net1', 'n1', 'kube-ovn'],
    ]);
    assert.deepEqual([...report.takenOver].sort(), ['IP a.default.lan.default', 'Subnet lan']);
  });
});
