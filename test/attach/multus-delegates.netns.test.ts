import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { toCniError } from '#cni';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import type { AttachNode, Call } from './node.ts';
import { setEachScene } from './scene.ts';
import type { World } from './world.ts';

/** Multus' own cases of what its delegates are handed, here of the third-party plugins in a pod's networks; under their names. */
const { skip } = skipUnlessRing2();

const GC_KEY = 'cni.dev/valid-attachments';
let world: World;
let node: AttachNode;
let annotations = 0;

setEachScene(skip, async scene => {
  ({ world } = scene);
  node = await scene.startNode();
  for (const name of ['one', 'other']) plugin(name);
});

/** Notes each call and answers an ADD with an address of its own; `body` runs before that. */
function plugin(name: string, body = ''): void {
  const address = name === 'one' ? '1.1.1.2/24' : '1.1.1.5/24';
  const text = `#!/bin/sh
conf=$(cat)
here=$(dirname "$0")
printf '%s\\t%s\\t%s\\t%s\\t%s\\n' "$CNI_COMMAND" "\${0##*/}" "$CNI_IFNAME" "$CNI_ARGS" "$conf" >>"$here/calls.log"
${body}
[ "$CNI_COMMAND" = ADD ] || exit 0
version=$(printf %s "$conf" | sed 's/.*"cniVersion":"\\([^"]*\\)".*/\\1/')
case $version in
  0.1.*|0.2.*) echo '{"cniVersion":"'$version'","ip4":{"ip":"${address}"}}' ;;
  0.*) echo '{"cniVersion":"'$version'","ips":[{"version":"4","address":"${address}"}]}' ;;
  *) echo '{"cniVersion":"'$version'","ips":[{"address":"${address}"}]}' ;;
esac
`;
  writeFileSync(join(world.dir, 'bin', name), text, { mode: 0o755 });
}

interface Heard {
  readonly command: string;
  readonly plugin: string;
  readonly ifname: string;
  readonly args: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, unknown>>;
}

function heard(): readonly Heard[] {
  const path = join(world.dir, 'bin', 'calls.log');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  return lines.map(line => {
    const [command = '', name = '', ifname = '', args = '', config = ''] = line.split('\t');
    const pairs = args.split(';').filter(pair => pair !== '');
    return {
      command,
      plugin: name,
      ifname,
      args: Object.fromEntries(pairs.map(pair => [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)])),
      // Written by our own agent.
      config: JSON.parse(config) as Heard['config'],
    };
  });
}

function calls(): readonly string[] {
  return heard().map(({ command, plugin: name, ifname }) => `${command} ${name} ${ifname}`);
}

/** A request of a runtime for a pod; the given keys are the pipeline's configuration. */
async function request(keys: Readonly<Record<string, unknown>>, networks?: unknown, args?: string): Promise<Call> {
  const name = `pod${annotations++}`;
  const pod = await world.createPod(name, networks === undefined ? undefined : JSON.stringify(networks));
  return {
    containerId: name,
    netns: world.makeNetns(name),
    pod: { name, uid: pod.metadata.uid ?? '' },
    config: { cniVersion: '1.0.0', ...keys },
    ...(args === undefined ? {} : { args }),
  };
}

const one = (cniVersion: string) => ({ cniVersion, name: 'weave1', type: 'one' });
const other = (cniVersion: string) => ({ cniVersion, name: 'other1', type: 'other' });

async function failureOf(work: Promise<unknown>): Promise<{ readonly code: number; readonly msg: string }> {
  const [outcome] = await Promise.allSettled([work]);
  if (outcome.status === 'fulfilled') assert.fail('it succeeded');
  return toCniError(outcome.reason);
}

describe('ADD and DEL per CNI version', { skip }, () => {
  for (const version of ['0.2.0', '0.3.1', '0.4.0', '1.0.0']) {
    test(`${version}: two delegates get eth0 and net1, and exactly their stdin; the result is that of the first`, async () => {
      const call = await request({ cniVersion: version, delegates: [one(version), other(version)] });
      const result = JSON.parse(await node.call('ADD', call)) as Record<string, unknown>;
      assert.equal(result['cniVersion'], version);
      assert.match(JSON.stringify(result), /1\.1\.1\.2\/24/);
      assert.doesNotMatch(JSON.stringify(result), /1\.1\.1\.5\/24/);
      await node.call('DEL', call);
      assert.deepEqual(calls(), ['ADD one eth0', 'ADD other net1', 'DEL other net1', 'DEL one eth0']);
      const [first, second] = heard();
      assert.deepEqual(first?.config, one(version));
      assert.deepEqual(second?.config, other(version));
    });
  }

  test('plugin returning empty result', async () => {
    plugin('other', `[ "$CNI_COMMAND" = ADD ] && { echo '{"cniVersion":"1.0.0"}'; exit 0; }`);
    const call = await request({ delegates: [one('1.0.0'), other('1.0.0')] });
    await node.call('ADD', call);
    await node.call('DEL', call);
    assert.equal(calls().length, 4);
  });

  test('faulty netns', async () => {
    const call = await request({ delegates: [one('1.0.0')] });
    // The last is the node's own, which a pod must not have.
    for (const netns of ['/run/netns/nowhere', '/etc/hostname', '/proc/self/ns/net']) {
      const { code, msg } = await failureOf(node.call('ADD', { ...call, netns }));
      assert.equal(code, 8, `${netns}: ${msg}`);
      await node.call('DEL', { ...call, netns });
    }
    assert.deepEqual(calls(), []);
  });

  test('second plugin fails: two ADD, two DEL, and the message names it', async () => {
    plugin('other', `[ "$CNI_COMMAND" = ADD ] && { echo '{"code":7,"msg":"expected plugin failure"}'; exit 1; }`);
    const { code, msg } = await failureOf(
      node.call('ADD', await request({ delegates: [one('1.0.0'), other('1.0.0')] })),
    );
    assert.deepEqual([code, msg], [7, 'Plugin "other" of network "other1" failed its ADD: expected plugin failure']);
    assert.deepEqual(calls(), ['ADD one eth0', 'ADD other net1', 'DEL other net1', 'DEL one eth0']);
    assert.deepEqual(node.journal.list(), []);
  });

  test('second has empty name: refused before anything runs', async () => {
    const nameless = { cniVersion: '1.0.0', name: '', type: 'other' };
    const { code, msg } = await failureOf(node.call('ADD', await request({ delegates: [one('1.0.0'), nameless] })));
    assert.equal(code, 7, msg);
    assert.match(msg, /delegates\[1\].*name/);
    assert.deepEqual(calls(), []);
  });

  test('runtimeConfig for ips, mac, bandwidth, portMappings in exact JSON', async () => {
    const capabilities = { ips: true, mac: true, bandwidth: true, portMappings: true };
    await world.createNad('asked', { ...other('1.0.0'), capabilities });
    const asked = {
      ips: ['1.1.1.9/24'],
      mac: 'c2:11:22:33:44:66',
      bandwidth: { ingressRate: 1000, ingressBurst: 2000 },
      portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }],
    };
    const call = await request({ delegates: [one('1.0.0')] }, [{ name: 'asked', ...asked }]);
    await node.call('ADD', call);
    assert.deepEqual(heard()[1]?.config, { ...other('1.0.0'), runtimeConfig: asked });
    assert.deepEqual([heard()[1]?.args['IP'], heard()[1]?.args['MAC']], ['1.1.1.9/24', 'c2:11:22:33:44:66']);
    await node.call('DEL', call);
    // The same for the DEL, from the journal.
    assert.deepEqual(heard()[2]?.config, { ...heard()[1]?.config, prevResult: heard()[2]?.config['prevResult'] });
  });

  test('delete after pod removal', async () => {
    const call = await request({ delegates: [one('1.0.0'), other('1.0.0')] });
    await node.call('ADD', call);
    assert.equal(node.journal.list().length, 1);
    await world.deletePod(call.pod?.name ?? '');
    await node.call('DEL', call);
    assert.deepEqual(calls().slice(2), ['DEL other net1', 'DEL one eth0']);
    assert.deepEqual(node.journal.list(), []);
  });

  test('DEL without a record does nothing and succeeds', async () => {
    const call = await request({ delegates: [one('1.0.0')] });
    await node.call('DEL', call);
    assert.deepEqual(calls(), []);
  });

  test('DEL that fails says so with the number of the plugin, and done again it is done', async () => {
    const call = await request({ delegates: [one('1.0.0'), other('1.0.0')] });
    await node.call('ADD', call);
    plugin('other', `[ "$CNI_COMMAND" = DEL ] && { echo '{"code":123,"msg":"cable is stuck"}'; exit 1; }`);
    const { code, msg } = await failureOf(node.call('DEL', call));
    assert.equal(code, 123);
    assert.match(msg, /Plugin "other" of network "other1" failed its DEL: cable is stuck/);
    // The others are undone all the same.
    assert.ok(calls().includes('DEL one eth0'));
    plugin('other');
    for (const _time of [1, 2]) await node.call('DEL', call);
    assert.deepEqual(node.journal.list(), []);
  });

  test('error code 11 from delegate preserved', async () => {
    plugin('one', `echo '{"code":11,"msg":"later"}'; exit 1`);
    const call = await request({ delegates: [one('1.0.0')] });
    assert.equal((await failureOf(node.call('ADD', call))).code, 11);
    plugin('one');
    await node.call('DEL', call);
  });
});

describe('Delegate build', { skip }, () => {
  test('cni-args add, merge, list', async () => {
    const plugins = [{ type: 'one', args: { cni: { kept: 1, mine: 'no' }, else: true } }, { type: 'other' }];
    await world.createNad('listed', { cniVersion: '1.0.0', name: 'listed', plugins });
    await world.createNad('single', { cniVersion: '1.0.0', name: 'single', type: 'one' });
    const asked = { mine: 'yes', deep: { a: [1] } };
    const elements = ['listed', 'single'].map(name => ({ name, 'cni-args': asked }));
    const call = await request({ delegates: [one('1.0.0')] }, elements);
    await node.call('ADD', call);
    assert.deepEqual(
      heard().map(({ ifname, config }) => [ifname, config['args']]),
      [
        ['eth0', undefined],
        ['net1', { cni: { kept: 1, ...asked }, else: true }],
        ['net1', { cni: asked }],
        ['net2', { cni: asked }],
      ],
    );
    await node.call('DEL', call);
  });

  test('names from conf and list, and from the definition where there is none', async () => {
    await world.createNad('conf', { cniVersion: '1.0.0', name: 'of-conf', type: 'one' });
    await world.createNad('list', { cniVersion: '1.0.0', name: 'of-list', plugins: [{ type: 'one' }] });
    await world.createNad('nameless', { cniVersion: '1.0.0', type: 'one' });
    const call = await request({ delegates: [one('1.0.0')] }, [
      { name: 'conf' },
      { name: 'list' },
      { name: 'nameless' },
    ]);
    await node.call('ADD', call);
    assert.deepEqual(
      heard().map(({ config }) => config['name']),
      ['weave1', 'of-conf', 'of-list', 'nameless'],
    );
    await node.call('DEL', call);
  });

  test('cniVersion of its own for each, and every other key as it is', async () => {
    const strange = { 'x-key': { deep: [null, 1.5, 'ü'] }, flag: false, nothing: null };
    await world.createNad('old', { cniVersion: '0.3.1', name: 'old', type: 'one', ...strange });
    await world.createNad('bare', { name: 'bare', type: 'one', ...strange });
    const call = await request({ delegates: [one('1.0.0')] }, [{ name: 'old' }, { name: 'bare' }]);
    await node.call('ADD', call);
    assert.deepEqual(
      heard().map(({ config }) => config['cniVersion']),
      ['1.0.0', '0.3.1', '0.3.1'],
    );
    for (const { config } of heard().slice(1)) assert.deepEqual({ ...config, ...strange }, config);
    await node.call('DEL', call);
  });

  test('runtimeConfig: of the runtime for the default network, of the annotation for the others', async () => {
    const capabilities = { portMappings: true, bandwidth: true, 'io.kubernetes.cri.pod-annotations': true };
    const runtimeConfig = {
      portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }],
      'io.kubernetes.cri.pod-annotations': { a: 'b' },
      dns: { servers: ['10.0.0.1'] },
    };
    await world.createNad('second', { ...other('1.0.0'), capabilities });
    const bandwidth = { egressRate: 7 };
    const call = await request({ delegates: [{ ...one('1.0.0'), capabilities }], runtimeConfig }, [
      { name: 'second', bandwidth },
    ]);
    await node.call('ADD', call);
    const { dns: _undeclared, ...declared } = runtimeConfig;
    assert.deepEqual(
      heard().map(({ config }) => config['runtimeConfig']),
      [declared, { bandwidth }],
    );
    await node.call('DEL', call);
  });
});

test('CNI_ARGS: those of the pod and extra ones reach every plugin, once each', { skip }, async () => {
  const call = await request({ delegates: [one('1.0.0'), other('1.0.0')] });
  await node.call('ADD', { ...call, args: 'IgnoreUnknown=1;BLAH=foo;K8S_POD_INFRA_CONTAINER_ID=infra' });
  for (const { args } of heard()) {
    assert.deepEqual(args, {
      K8S_POD_NAMESPACE: 'default',
      K8S_POD_NAME: call.pod?.name,
      K8S_POD_UID: call.pod?.uid,
      IgnoreUnknown: '1',
      BLAH: 'foo',
      K8S_POD_INFRA_CONTAINER_ID: 'infra',
    });
  }
  await node.call('DEL', call);
});

describe('CNI 1.1.0', { skip }, () => {
  test('STATUS runs only the default network', async () => {
    await node.call('STATUS', await request({ cniVersion: '1.1.0', delegates: [one('1.1.0'), other('1.1.0')] }));
    assert.deepEqual(calls(), ['STATUS one ']);
  });

  test('STATUS error code 50 preserved, of a list and of a single plugin', async () => {
    plugin('one', `[ "$CNI_COMMAND" = STATUS ] && { echo '{"code":50,"msg":"no uplink"}'; exit 1; }`);
    const list = { cniVersion: '1.1.0', name: 'listed', plugins: [{ type: 'one' }] };
    for (const delegate of [one('1.1.0'), list]) {
      const { code, msg } = await failureOf(
        node.call('STATUS', await request({ cniVersion: '1.1.0', delegates: [delegate] })),
      );
      assert.equal(code, 50, msg);
      assert.match(msg, /no uplink/);
    }
  });

  for (const [what, delegate] of [
    ['list', { cniVersion: '1.1.0', name: 'weave1', plugins: [{ type: 'one' }] }],
    ['single plugin', one('1.1.0')],
  ] as const) {
    test(`GC passes both attachment keys, runs once, for a ${what}`, async () => {
      const keys = { cniVersion: '1.1.0', delegates: [delegate] };
      const call = await request(keys);
      await node.call('ADD', call);
      const list = [{ containerID: call.containerId, ifname: 'eth0' }];
      await node.call('GC', { containerId: '', config: { ...keys, [GC_KEY]: list } });
      const collected = heard().filter(({ command }) => command === 'GC');
      assert.deepEqual(
        collected.map(({ config }) => config),
        [{ ...one('1.1.0'), [GC_KEY]: list, 'cni.dev/attachments': list }],
      );
      // A live entry that the runtime does not name goes, with a DEL of its plugin.
      await node.call('GC', { containerId: '', config: { ...keys, [GC_KEY]: [] } });
      assert.deepEqual(node.journal.list(), []);
      assert.ok(calls().includes('DEL one eth0'));
    });
  }

  test('ADD of a pod that is missing is an error that is tried again, and nothing runs', async () => {
    const call = await request({ cniVersion: '1.1.0', delegates: [one('1.1.0')] });
    const { code, msg } = await failureOf(node.call('ADD', { ...call, pod: { name: 'nobody', uid: 'x' } }));
    assert.equal(code, 11, msg);
    assert.deepEqual(calls(), []);
  });
});

test('a plugin that is gone by the time of the DEL is named, and the DEL works when it is back', { skip }, async () => {
  const call = await request({ delegates: [one('1.0.0')] });
  await node.call('ADD', call);
  rmSync(join(world.dir, 'bin', 'one'));
  assert.match((await failureOf(node.call('DEL', call))).msg, /type is "one", expected .* a program in/);
  plugin('one');
  await node.call('DEL', call);
  assert.deepEqual(node.journal.list(), []);
});
