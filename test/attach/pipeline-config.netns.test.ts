import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { NETWORK_ATTACHMENT_DEFINITIONS, PODS } from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import type { AttachNode } from './node.ts';
import { setEachScene } from './scene.ts';
import { ip, WHEREABOUTS, type World } from './world.ts';

/** The keys of the runtime's own configuration, as Multus has them, on a real kernel. */
const { skip } = skipUnlessRing2();

let world: World;
let node: AttachNode;

setEachScene(skip, async scene => {
  ({ world } = scene);
  for (const name of ['a', 'b', 'c']) {
    await world.createNad(name, { cniVersion: '1.0.0', type: 'macvlan', master: 'up0', ipam: WHEREABOUTS });
  }
  put('conf/10-lan.conflist', { cniVersion: '1.0.0', name: 'lan', plugins: [MACVLAN] });
  node = await scene.startNode();
});

interface Asked {
  readonly networks?: string;
  readonly defaultNetwork?: string;
}

/** One ADD by the name of a program of Multus. @returns how to take it back, and the interfaces of its pod */
async function add(name: string, keys: object, { networks, defaultNetwork }: Asked = {}) {
  const pod = await world.createPod(name, networks, {
    ...(defaultNetwork === undefined ? {} : { 'v1.multus-cni.io/default-network': defaultNetwork }),
  });
  const call = {
    containerId: name,
    netns: world.makeNetns(name),
    pod: { name, uid: pod.metadata.uid ?? '' },
    plugin: 'multus-shim',
    config: { confDir: join(world.dir, 'multus'), ...keys },
  };
  const result: { readonly interfaces?: readonly { readonly name: string }[] } = JSON.parse(
    await node.call('ADD', call),
  );
  return { call, result, links: linksOf(name) };
}

function linksOf(pod: string): readonly string[] {
  const links: readonly { readonly ifname: string }[] = JSON.parse(ip(`-n ul-test-${pod} -j link`));
  return links.map(({ ifname }) => ifname).filter(name => name !== 'lo');
}

function put(name: string, value: unknown): string {
  const path = join(world.dir, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value), { mode: 0o755 });
  return path;
}

async function statusOf(name: string): Promise<readonly { readonly name: string; readonly interface?: string }[]> {
  const pod = await world.cluster.client.get(PODS, { namespace: 'default', name });
  return JSON.parse(pod.metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'] ?? '[]');
}

const MACVLAN = { cniVersion: '1.0.0', type: 'macvlan', master: 'up0', ipam: WHEREABOUTS };
/** A third-party plugin that notes what it gets and passes `prevResult` through. */
const TUNING = `#!/bin/sh
conf=$(cat)
printf '%s %s %s\\n' "$CNI_COMMAND" "$CNI_IFNAME" "$conf" >>"$(dirname "$0")/tuning.log"
[ "$CNI_COMMAND" = ADD ] && printf '%s' "$conf" | sed 's/.*"prevResult"://; s/}$//'
exit 0
`;

describe('the configuration of the pipeline', { skip }, () => {
  test('defaultNetworks take net1, net2 before those of the annotation, and only outside of systemNamespaces', async () => {
    const keys = { clusterNetwork: join(world.dir, 'conf', '10-lan.conflist'), multusNamespace: 'default' };
    const user = await add('user', { ...keys, defaultNetworks: ['b', 'c'] }, { networks: 'a' });
    assert.deepEqual(user.links.toSorted(), ['eth0', 'net1', 'net2', 'net3']);
    assert.equal(user.result.interfaces?.[0]?.name, 'eth0');
    assert.deepEqual(
      (await statusOf('user')).map(entry => `${entry.interface} ${entry.name}`),
      ['eth0 lan', 'net1 default/b', 'net2 default/c', 'net3 default/a'],
    );
    const system = { ...keys, defaultNetworks: ['b', 'c'], systemNamespaces: ['default'] };
    assert.deepEqual((await add('system', system, { networks: 'a' })).links.toSorted(), ['eth0', 'net1']);
  });

  test('the first of several delegates is the default network, the others come after it', async () => {
    const delegates = [
      { ...MACVLAN, name: 'first' },
      { ...MACVLAN, name: 'second' },
    ];
    const { links, call } = await add('pod', { delegates }, { networks: 'a' });
    assert.deepEqual(links.toSorted(), ['eth0', 'net1', 'net2']);
    assert.deepEqual(
      (await statusOf('pod')).map(entry => entry.name),
      ['first', 'second', 'default/a'],
    );
    await node.call('DEL', call);
    assert.deepEqual(linksOf('pod'), []);
  });

  test('clusterNetwork from CRD', async () => {
    await add('pod', { clusterNetwork: 'b', multusNamespace: 'default' });
    assert.deepEqual(
      (await statusOf('pod')).map(entry => entry.name),
      ['default/b'],
    );
  });

  test('an empty NAD stands for the file of its name in confDir', async () => {
    put('multus/10-x.conf', { ...MACVLAN, name: 'other' });
    put('multus/20-x.conflist', { cniVersion: '1.0.0', name: 'disk', plugins: [MACVLAN] });
    await world.cluster.client.create(NETWORK_ATTACHMENT_DEFINITIONS, {
      metadata: { name: 'disk', namespace: 'default' },
      spec: {},
    });
    assert.deepEqual((await add('pod', {}, { networks: 'disk' })).links.toSorted(), ['eth0', 'net1']);
    assert.equal((await statusOf('pod'))[1]?.name, 'default/disk');
    rmSync(join(world.dir, 'multus', '20-x.conflist'));
    await assert.rejects(add('none', {}, { networks: 'disk' }), /"default\/disk": spec\.config is missing/);
  });

  test('namespaceIsolation holds for both annotations', async () => {
    const isolated = { namespaceIsolation: true };
    assert.deepEqual((await add('own', isolated, { networks: 'a', defaultNetwork: 'default/b' })).links.length, 2);
    await assert.rejects(add('other', isolated, { networks: 'elsewhere/a' }), /network is "elsewhere\/a"/);
    await assert.rejects(
      add('system', isolated, { defaultNetwork: 'lan' }),
      /"v1\.multus-cni\.io\/default-network": network is "kube-system\/lan", expected one of namespace default/,
    );
    const open = { ...isolated, globalNamespaces: 'kube-system,elsewhere' };
    await assert.rejects(add('open', open, { networks: 'elsewhere/a' }), /Cannot find NetworkAttachmentDefinition/);
  });

  test('readinessindicatorfile holds an ADD back until the file is there; STATUS says 50 at once', async () => {
    const path = join(world.dir, 'run', 'ready');
    const status = () =>
      node.call('STATUS', {
        containerId: '',
        plugin: 'multus-shim',
        config: { cniVersion: '1.1.0', readinessindicatorfile: path },
      });
    await assert.rejects(status(), { cniCode: 50, message: /readinessindicatorfile .* is not there/ });
    const adding = add('pod', { readinessindicatorfile: path });
    const first = await Promise.race([
      adding.then(() => 'added'),
      new Promise(resolve => setTimeout(resolve, 300, 'waits')),
    ]);
    assert.equal(first, 'waits');
    put('run/ready', '');
    const { call } = await adding;
    await status();
    rmSync(path);
    await node.call('CHECK', call);
    await node.call('DEL', call);
  });

  test('auxiliaryCNIChainName runs the plugins of its folder last, on an empty result, and tells nobody', async () => {
    put('bin/tuning', TUNING);
    put('conf/vendor-cni-chain/10-tuning.conf', { type: 'tuning', sysctl: { 'net.ipv4.conf.eth0.arp_filter': '1' } });
    const keys = {
      clusterNetwork: join(world.dir, 'conf', '10-lan.conflist'),
      auxiliaryCNIChainName: 'vendor-cni-chain',
    };
    const { call } = await add('pod', keys, { networks: 'a' });
    const [heard = ''] = readFileSync(join(world.dir, 'bin', 'tuning.log'), 'utf8').split('\n');
    const [, conf = ''] = /^ADD net2 (.*)$/.exec(heard) ?? [];
    assert.deepEqual(JSON.parse(conf), {
      cniVersion: '1.0.0',
      name: 'vendor-cni-chain',
      type: 'tuning',
      sysctl: { 'net.ipv4.conf.eth0.arp_filter': '1' },
      prevResult: { cniVersion: '1.0.0' },
    });
    assert.deepEqual(
      (await statusOf('pod')).map(entry => entry.interface),
      ['eth0', 'net1'],
    );
    rmSync(join(world.dir, 'conf', 'vendor-cni-chain'), { recursive: true });
    await node.call('DEL', call);
    assert.match(readFileSync(join(world.dir, 'bin', 'tuning.log'), 'utf8'), /^DEL net2 .*"sysctl"/m);
  });

  test('binDir is looked through after the own directories, and DEL needs no configuration for that', async () => {
    put('bin/tuning', TUNING);
    put('more/tuning', TUNING);
    put('more/extra', TUNING);
    const network = { cniVersion: '1.0.0', name: 'x', plugins: [MACVLAN, { type: 'tuning' }, { type: 'extra' }] };
    await assert.rejects(add('without', { delegates: [network] }), { code: 'UNKNOWN_PLUGIN' });
    const { call } = await add('pod', { delegates: [network], binDir: join(world.dir, 'more') });
    assert.ok(existsSync(join(world.dir, 'bin', 'tuning.log')), 'the own directory comes first');
    await node.call('DEL', { ...call, config: {} });
    assert.match(readFileSync(join(world.dir, 'more', 'tuning.log'), 'utf8'), /^DEL eth0/m);
  });
});
