import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { NETWORK_ATTACHMENT_DEFINITIONS, PODS, type Pod } from '#api';
import { UnderlaneError } from '#base';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { eventually } from '../agent/test-node.ts';
import { noReference, REFERENCE_DIR } from '../programs/reference-plugins.ts';
import type { AttachNode } from './node.ts';
import { setEachScene } from './scene.ts';
import { ip, type World } from './world.ts';

/** Cases of Multus' own tests, under their names. See docs/multus-tests.md. */
const { skip } = skipUnlessRing2();

const STATUS = 'k8s.v1.cni.cncf.io/network-status';
const DEFAULT_NETWORK = 'v1.multus-cni.io/default-network';

let world: World;
let node: AttachNode;
let events: string[];
let steps: string[];

setEachScene(skip, async scene => {
  ({ world } = scene);
  events = [];
  steps = [];
  ids.clear();
  node = await scene.startNode({
    onStep: step => steps.push(step),
    events: {
      record: (_pod, type, reason, message) => void events.push(`${type} ${reason}: ${message}`),
      flush: async () => undefined,
      dropped: 0,
    },
  });
  for (const [index, name] of ['n1', 'n2', 'n3'].entries()) {
    await world.createNad(name, {
      cniVersion: '0.3.1',
      type: 'macvlan',
      master: 'up0',
      capabilities: { ips: true },
      ipam: { type: 'static', addresses: [{ address: `10.1.${index + 1}.5/24` }] },
    });
  }
});

type CallOptions = Partial<Parameters<AttachNode['call']>[1]>;

function requestOf({ metadata: { name, uid } }: Pod, more: CallOptions = {}): Parameters<AttachNode['call']>[1] {
  return { containerId: idOf(name), pod: { name, ...(uid === undefined ? {} : { uid }) }, ...more };
}

let made = 0;
const ids = new Map<string, string>();

/** The same for one name within a test; its veth on the host is called by the beginning. */
function idOf(name: string): string {
  const id = ids.get(name) ?? `${++made}-${name}`;
  ids.set(name, id);
  return id;
}

/** Makes the pod and attaches it. */
async function run(name: string, networks?: string, annotations?: Record<string, string>): Promise<Pod> {
  const pod = await world.createPod(name, networks, annotations);
  await node.call('ADD', requestOf(pod, { netns: world.makeNetns(name) }));
  return pod;
}

/** `NAME ADDRESS` of the pod's interfaces by name, but lo: the kernel tells them in any order. */
function addressesOf(pod: string): readonly string[] {
  const links = JSON.parse(ip(`-n ul-test-${pod} -j -4 addr show`)) as {
    readonly ifname: string;
    readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
  }[];
  return links
    .filter(({ ifname }) => ifname !== 'lo' && ifname !== 'veth0')
    .flatMap(({ ifname, addr_info }) => addr_info.map(({ local, prefixlen }) => `${ifname} ${local}/${prefixlen}`))
    .sort();
}

function defaultsOf(pod: string): readonly string[] {
  const routes = JSON.parse(ip(`-n ul-test-${pod} -j -4 route show default`)) as { gateway: string; dev: string }[];
  return routes.map(({ gateway, dev }) => `${gateway} ${dev}`);
}

describe("Multus' cases", { skip }, () => {
  test('simple and JSON annotation order', async () => {
    await run('short', 'n3, n1@lan0 ,n2');
    assert.deepEqual(addressesOf('short').slice(1), ['lan0 10.1.1.5/24', 'net1 10.1.3.5/24', 'net3 10.1.2.5/24']);
    await run('json', '[{"name":"n2"},{"name":"n3","interface":"lan0"},{"name":"n1","namespace":"default"}]');
    assert.deepEqual(addressesOf('json').slice(1), ['lan0 10.1.3.5/24', 'net1 10.1.2.5/24', 'net3 10.1.1.5/24']);
  });

  test('missing NAD error text', async () => {
    const text =
      'Cannot find NetworkAttachmentDefinition "default/gone": there is none of that name in namespace "default"';
    await assert.rejects(run('a', 'n1,gone'), { code: 'NETWORK_NOT_FOUND', message: text });
    assert.deepEqual(events, [`Warning FailedAttach: ${text}`]);
    assert.deepEqual(addressesOf('a'), []);
  });

  test('default-network annotation override, of a network file and of delegates', async () => {
    const annotations = { [DEFAULT_NETWORK]: 'default/n2' };
    await run('file', 'n1', annotations);
    assert.deepEqual(addressesOf('file'), ['eth0 10.1.2.5/24', 'net1 10.1.1.5/24']);
    const pod = await world.createPod('inline', 'n1', annotations);
    const delegates = [{ cniVersion: '1.0.0', name: 'inline', type: 'loopback' }];
    await node.call('ADD', requestOf(pod, { netns: world.makeNetns('inline'), config: { delegates } }));
    assert.deepEqual(addressesOf('inline'), ['eth0 10.1.2.5/24', 'net1 10.1.1.5/24']);
  });

  test('status write with matching, missing and mismatching UID', async () => {
    const pod = await world.createPod('a', 'n1');
    const netns = world.makeNetns('a');
    const statusOf = async () =>
      (await world.cluster.client.get(PODS, { namespace: 'default', name: 'a' })).metadata.annotations?.[STATUS];
    const other = { containerId: idOf('a'), netns, pod: { name: 'a', uid: 'another' } };
    await assert.rejects(node.call('ADD', other), {
      code: 'POD_UID_MISMATCH',
      message: `Cannot attach pod "default/a": its uid is "${pod.metadata.uid}", the runtime asked for "another"`,
    });
    assert.equal(await statusOf(), undefined);
    for (const more of [{ pod: { name: 'a' } }, {}]) {
      await node.call('ADD', requestOf(pod, { netns, ...more }));
      assert.match((await statusOf()) ?? '', /"lan".*"default\/n1"/s);
      await node.call('DEL', requestOf(pod, { netns }));
    }
  });

  test('static-pod', async () => {
    // The runtime knows the uid that kubelet made of the manifest, the API server one of its own.
    const pod = await world.createPod('web-n1', 'n1', {
      'kubernetes.io/config.source': 'file',
      'kubernetes.io/config.hash': 'made-of-the-manifest',
    });
    const owner = { name: 'web-n1', uid: 'made-of-the-manifest' };
    await node.call('ADD', requestOf(pod, { netns: world.makeNetns('web-n1'), pod: owner }));
    assert.deepEqual(addressesOf('web-n1').slice(1), ['net1 10.1.1.5/24']);
    const { metadata } = await world.cluster.client.get(PODS, { namespace: 'default', name: 'web-n1' });
    assert.match(metadata.annotations?.[STATUS] ?? '', /"default\/n1"/);
    await node.call('DEL', requestOf(pod, { pod: owner }));
  });

  test('pod that the API server does not know: no success without networks, but another try', async () => {
    const request = { containerId: idOf('ghost'), netns: world.makeNetns('ghost'), pod: { name: 'ghost' } };
    await assert.rejects(node.call('ADD', request), {
      code: 'POD_NOT_FOUND',
      retriable: true,
      message: 'Cannot attach pod "default/ghost": the API server has no such pod',
    });
    assert.deepEqual(addressesOf('ghost'), []);
    // It appears, and is found although no watch has told of it yet.
    await world.createPod('ghost', 'n1');
    await node.call('ADD', request);
    assert.deepEqual(addressesOf('ghost').slice(1), ['net1 10.1.1.5/24']);
  });

  test('AddedInterface events', async () => {
    await run('a', 'n1');
    const [own, added, ...others] = events;
    assert.match(own ?? '', /^Normal AddedInterface: Add eth0 \[172\.18\.30\.\d+\/16\] from lan$/);
    assert.equal(added, 'Normal AddedInterface: Add net1 [10.1.1.5/24] from default/n1');
    assert.deepEqual(others, []);
  });

  test('simple-macvlan1', async () => {
    await world.createNad('macvlan1-config', {
      plugins: [
        { type: 'macvlan', capabilities: { ips: true }, master: 'up0', mode: 'bridge', ipam: { type: 'static' } },
        { type: 'cable' },
      ],
    });
    for (const [pod, address] of [
      ['macvlan1-worker1', '10.1.1.11/24'],
      ['macvlan1-worker2', '10.1.1.12/24'],
    ] as const) {
      await run(pod, JSON.stringify([{ name: 'macvlan1-config', ips: [address] }]));
      assert.deepEqual(addressesOf(pod).slice(1), [`net1 ${address}`]);
    }
  });

  for (const [name, more] of [
    ['subdirectory-chaining', {}],
    ['subdirectory-chaining-passthru', { auxiliaryCNIChainName: 'vendor-cni-chain' }],
  ] as const) {
    test(name, { skip: noReference }, async () => {
      cpSync(join(REFERENCE_DIR, 'tuning'), join(world.dir, 'bin', 'tuning'));
      const dir = join(world.dir, 'net.d');
      const folder = name === 'subdirectory-chaining' ? 'kindnet' : 'vendor-cni-chain';
      mkdirSync(join(dir, folder), { recursive: true });
      const bridge = { type: 'bridge', bridge: 'ultest0', ipam: { type: 'host-local', subnet: '10.244.1.0/24' } };
      const kindnet = { cniVersion: '0.4.0', name: 'kindnet', plugins: [bridge] };
      writeFileSync(join(dir, '10-kindnet.conflist'), JSON.stringify(kindnet));
      const tuning = { cniVersion: '0.4.0', type: 'tuning', sysctl: { 'net.ipv4.conf.eth0.arp_filter': '1' } };
      writeFileSync(join(dir, folder, 'tuning.conf'), JSON.stringify(tuning));
      const config = { cniVersion: '0.4.0', clusterNetwork: join(dir, '10-kindnet.conflist'), ...more };
      const pod = await world.createPod('a');
      const request = requestOf(pod, { netns: world.makeNetns('a'), plugin: 'multus', config });
      await node.call('ADD', request);
      const read = ['cat', '/proc/sys/net/ipv4/conf/eth0/arp_filter'];
      assert.equal(ip(['netns', 'exec', 'ul-test-a', ...read].join(' ')), '1\n');
      await node.call('CHECK', request);
      await node.call('DEL', request);
    });
  }

  test('default-route1', async () => {
    await world.createNad('default-route-config', {
      cniVersion: '0.3.1',
      type: 'macvlan',
      master: 'up0',
      ipam: { type: 'static' },
    });
    const asked = { name: 'default-route-config', ips: ['10.1.1.11/24'] };
    await run('moved', JSON.stringify([{ ...asked, 'default-route': ['10.1.1.254'] }]));
    await run('kept', JSON.stringify([{ ...asked, ips: ['10.1.1.12/24'] }]));
    assert.deepEqual(defaultsOf('moved'), ['10.1.1.254 net1']);
    assert.deepEqual(defaultsOf('kept'), ['172.18.0.1 eth0']);
  });

  test('network-status to the byte, by one merge patch that touches nothing else', async () => {
    const { client } = world.cluster;
    const pod = await world.createPod('a', 'n1', { [DEFAULT_NETWORK]: 'default/n2', others: 'stay' });
    const name = { namespace: 'default', name: 'a' };
    const status = { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'a-gpu' }], phase: 'Pending' };
    await client.mergePatch(PODS, name, { status }, { subresource: 'status' });
    steps.length = 0;
    await node.call('ADD', requestOf(pod, { netns: world.makeNetns('a') }));
    assert.deepEqual(
      steps.filter(step => step.startsWith('before ') && !/put|get|list/.test(step)),
      ['before patch'],
    );
    const written = await client.get(PODS, name);
    const macOf = (link: string): string =>
      /link\/ether (\S+)/.exec(ip(`-n ul-test-a link show ${link}`))?.[1] ?? 'no MAC';
    const entry = (nad: string, link: string, address: string, more = ''): string => `{
    "name": "${nad}",
    "interface": "${link}",
    "ips": [
        "${address}"
    ],
    "mac": "${macOf(link)}",
    "mtu": 1500,${more}
    "dns": {}
}`;
    assert.equal(
      written.metadata.annotations?.[STATUS],
      `[${entry('default/n2', 'eth0', '10.1.2.5', '\n    "default": true,')},${entry('default/n1', 'net1', '10.1.1.5')}]`,
    );
    assert.equal(written.metadata.annotations?.['others'], 'stay');
    assert.deepEqual(written.status?.['resourceClaimStatuses'], status.resourceClaimStatuses);
  });
});

describe("what Multus' tests lack", { skip }, () => {
  const AT = 'Cannot read annotation "k8s.v1.cni.cncf.io/networks"';
  for (const [what, networks, message] of [
    ['[null]', '[null]', `${AT} element 0: value is null, expected an object with a "name"`],
    [
      'object instead of array',
      '{"name":"n1"}',
      `${AT}: value is "{\\"name\\":\\"n1\\"}", expected a JSON array of objects`,
    ],
    [
      '10k-entry list',
      JSON.stringify(Array.from({ length: 10_000 }, () => ({ name: 'n1' }))),
      `${AT}: number of networks is 10000, expected at most 32`,
    ],
  ] as const) {
    test(`annotation ${what}`, async () => {
      await assert.rejects(run('a', networks), { code: 'ANNOTATION_INVALID', message });
      assert.deepEqual(addressesOf('a'), []);
      assert.deepEqual(events, [`Warning FailedAttach: ${message}`]);
    });
  }

  test('annotation [], and of the default network', async () => {
    await run('a', '[]', { [DEFAULT_NETWORK]: '[]' });
    assert.equal(addressesOf('a').length, 1);
    assert.doesNotMatch((await annotationOf('a')) ?? '', /net1/);
  });

  test('cni-args whose ips are no text', async () => {
    await assert.rejects(run('a', '[{"name":"n1","cni-args":{"ips":[{"toString":""}]}}]'), error => {
      assert.ok(error instanceof UnderlaneError, String(error));
      return true;
    });
  });

  test('capability requested but unsupported', async () => {
    await run('a', '[{"name":"n1","portMappings":[{"hostPort":80,"containerPort":80}]}]');
    assert.equal(
      events[0],
      'Warning NetworkAnnotation: NetworkAttachmentDefinition "default/n1": the pod asks for portMappings, but none of its plugins declares that capability',
    );
    assert.deepEqual(addressesOf('a').slice(1), ['net1 10.1.1.5/24']);
  });

  test('NAD deleted before pod DEL', async () => {
    const before = await world.leftOvers();
    const pod = await run('a', 'n1');
    await world.cluster.client.delete(NETWORK_ATTACHMENT_DEFINITIONS, { namespace: 'default', name: 'n1' });
    writeFileSync(join(world.dir, 'conf', '10-lan.conflist'), 'gone');
    await node.call('DEL', requestOf(pod));
    assert.deepEqual((await world.leftOvers()).links, before.links);
    assert.deepEqual((await world.leftOvers()).journal, []);
  });

  test('pod recreated with same name during DEL', async () => {
    const first = await run('a', 'n1');
    const [former] = addressesOf('a');
    await world.deletePod('a');
    const second = await world.createPod('a', 'n1');
    const netns = world.makeNetns('again');
    // Both at once: the names are the same, the pods are not.
    await Promise.all([
      node.call('DEL', requestOf(first)),
      node.call('ADD', requestOf(second, { containerId: idOf('again'), netns })),
    ]);
    const [now] = addressesOf('again');
    assert.notEqual(now, former);
    await eventually('the first pod gives its address back', async () => {
      const { claims, queue } = await world.leftOvers();
      return claims.length === 1 && queue.length === 0;
    });
    const [claim] = await world.cluster.claims();
    assert.equal(claim?.spec.owner.podUid, second.metadata.uid);
    assert.equal(`eth0 ${claim?.spec.address}`, now);
  });

  async function annotationOf(name: string): Promise<string | undefined> {
    return (await world.cluster.client.get(PODS, { namespace: 'default', name })).metadata.annotations?.[STATUS];
  }
});
