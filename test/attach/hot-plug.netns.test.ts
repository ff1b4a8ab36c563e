import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { PODS, type Pod } from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { type AttachNode, startNode } from './node.ts';
import { setEachScene } from './scene.ts';
import { ip, SECOND_NETWORK, WHEREABOUTS, type World } from './world.ts';

/** Networks of pods that run already. */
const { skip } = skipUnlessRing2();

const KEY = 'k8s.v1.cni.cncf.io/networks';
/** Addresses of the cluster. */
const THIRD_NETWORK = {
  cniVersion: '1.0.0',
  name: 'third',
  type: 'macvlan',
  master: 'up0',
  ipam: { ...WHEREABOUTS, range: '172.18.40.1-172.18.40.9/16' },
};

let world: World;
let node: AttachNode;
let netns: string | undefined;
let events: string[];
let onStep: (step: string) => void;

setEachScene(skip, async scene => {
  ({ world } = scene);
  await world.createNad('second', SECOND_NETWORK);
  await world.createNad('third', THIRD_NETWORK);
  await world.createNad('broken', { cniVersion: '1.0.0', name: 'broken', type: 'macvlan', master: 'absent0' });
  netns = undefined;
  events = [];
  onStep = () => undefined;
  node = await start();
  scene.ending.defer(() => node[Symbol.asyncDispose]()); // the one that a test may have put in its place
});

function start(): Promise<AttachNode> {
  return startNode({
    server: world.cluster.server,
    dir: world.dir,
    onStep: step => onStep(step),
    events: {
      record: (_about, type, reason, message) => void events.push(`${type} ${reason} ${message}`),
      flush: async () => undefined,
      dropped: 0,
    },
  });
}

interface Running {
  readonly request: { containerId: string; netns: string; pod: { name: string; uid: string } };
  readonly ref: { name: string; namespace: string; uid: string };
  readonly clean: unknown;
}

async function run(networks?: string): Promise<Running> {
  const pod = await world.createPod('a', networks);
  const uid = pod.metadata.uid ?? '';
  netns ??= world.makeNetns('a');
  const request = { containerId: 'ctr', netns, pod: { name: 'a', uid } };
  const clean = await world.leftOvers();
  await node.call('ADD', request);
  return { request, clean, ref: { name: 'a', namespace: 'default', uid } };
}

/** Annotates the pod and has its interfaces follow. */
async function change({ ref }: Running, networks: string | null): Promise<boolean> {
  await annotate(networks);
  return node.attacher.changeNetworks(ref);
}

async function annotate(networks: string | null): Promise<void> {
  await world.cluster.client.mergePatch(
    PODS,
    { namespace: 'default', name: 'a' },
    { metadata: { annotations: { [KEY]: networks } } },
  );
  await node.podIs('a', pod => (pod.metadata.annotations?.[KEY] ?? null) === networks);
}

function links(): readonly string[] {
  return (JSON.parse(ip('-n ul-test-a -j link')) as { ifname: string }[]).map(({ ifname }) => ifname).sort();
}

async function status(): Promise<readonly string[]> {
  const pod = await world.cluster.client.get<Pod>(PODS, { namespace: 'default', name: 'a' });
  const text = pod.metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'] ?? '[]';
  const entries = JSON.parse(text) as { interface: string; name: string }[];
  // The default network has a second one of its own.
  return entries.filter(one => one.interface !== 'veth0').map(one => `${one.interface} ${one.name}`);
}

async function end({ request, clean }: Running): Promise<void> {
  await node.call('DEL', request);
  await world.deletePod('a');
  const deadline = performance.now() + 10_000;
  while ((await world.cluster.claims()).length > 0 && performance.now() < deadline) {
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  await node.releaser.idle();
  assert.deepEqual(await world.leftOvers(), clean);
}

const BASE = ['eth0', 'lo', 'veth0'];

describe('changeNetworks()', { skip }, () => {
  test('attaches what the annotation asks for by now, and DEL takes it away', async () => {
    const pod = await run();
    assert.deepEqual(links(), BASE);
    assert.equal(await change(pod, 'second,third'), true);
    assert.deepEqual(links(), [...BASE, 'net1', 'net2'].sort());
    assert.deepEqual(await status(), ['eth0 lan', 'net1 default/second', 'net2 default/third']);
    assert.ok(events.some(text => text.startsWith('Normal AddedInterface Add net2 [172.18.40.')));
    assert.equal(await node.call('CHECK', pod.request), '');
    await end(pod);
  });

  test('detaches what it no longer asks for, and gives the address back while the pod runs', async () => {
    const pod = await run('second,third');
    const before = (await world.cluster.claims()).length;
    await change(pod, 'second');
    assert.deepEqual(links(), [...BASE, 'net1'].sort());
    assert.deepEqual(await status(), ['eth0 lan', 'net1 default/second']);
    assert.equal((await world.cluster.claims()).length, before - 1);
    assert.ok(events.includes('Normal RemovedInterface Remove net2'));
    await change(pod, null);
    assert.deepEqual(links(), BASE);
    assert.deepEqual(await status(), ['eth0 lan']);
    assert.equal(await node.call('CHECK', pod.request), '');
    await end(pod);
  });

  test('an element keeps its interface while it stays; a new one gets the first free name', async () => {
    const pod = await run('second,third');
    await change(pod, 'third');
    assert.deepEqual(await status(), ['eth0 lan', 'net2 default/third']);
    await change(pod, '[{"name":"third"},{"name":"second"},{"name":"second","interface":"mine"}]');
    assert.deepEqual(await status(), ['eth0 lan', 'net2 default/third', 'net1 default/second', 'mine default/second']);
    await end(pod);
  });

  test('another order or form of the same changes nothing', async () => {
    const pod = await run('second,third');
    const steps: string[] = [];
    onStep = step => void steps.push(step);
    assert.equal(await change(pod, ' [ {"namespace":"default", "name":"third"}, {"name":"second"} ] '), true);
    assert.deepEqual(steps, []);
    await end(pod);
  });

  test('all or nothing: what came before the one that fails goes again', async () => {
    const pod = await run('third');
    const before = await world.leftOvers();
    await assert.rejects(change(pod, 'second,broken'), /absent0/);
    assert.deepEqual(await world.leftOvers(), before);
    assert.deepEqual(await status(), ['eth0 lan', 'net1 default/third']);
    assert.ok(events.some(text => text.startsWith('Warning FailedHotPlug ')));
    // The next change goes on from there.
    await change(pod, 'second');
    assert.deepEqual(await status(), ['eth0 lan', 'net1 default/second']);
    await end(pod);
  });

  test('one that has to make way comes back when the new one fails', async () => {
    const pod = await run('[{"name":"third","interface":"net7"}]');
    writeFileSync(join(world.dir, 'bin', 'on-ADD'), 'exit 1\n');
    await assert.rejects(change(pod, '[{"name":"second","interface":"net7"}]'), /cable/);
    assert.deepEqual(await status(), ['eth0 lan', 'net7 default/third']);
    assert.deepEqual(links(), [...BASE, 'net7'].sort());
    rmSync(join(world.dir, 'bin', 'on-ADD'));
    assert.equal(await node.attacher.changeNetworks(pod.ref), true);
    assert.deepEqual(await status(), ['eth0 lan', 'net7 default/second']);
    await end(pod);
  });

  test('a bad annotation, a missing network and a wish for the default route touch nothing', async () => {
    const pod = await run('third');
    const before = await world.leftOvers();
    await assert.rejects(change(pod, '[{"name":'), { code: 'NETWORKS_ANNOTATION' }).catch(() => undefined);
    await assert.rejects(change(pod, 'absent'), { code: 'NETWORK_NOT_FOUND' });
    await assert.rejects(
      change(pod, '[{"name":"third"},{"name":"second","default-route":["10.244.1.1"]}]'),
      /default-route/,
    );
    await assert.rejects(change(pod, '[{"name":"second","interface":"eth0"}]'), /"eth0"/);
    assert.deepEqual(await world.leftOvers(), before);
    await change(pod, 'third');
    await end(pod);
  });

  test('two that share a bridge: the one that stays keeps it, the last one takes it away', async () => {
    const pod = await run('second,second');
    assert.match(ip('link'), /ultest0/);
    await change(pod, 'second');
    assert.match(ip('link'), /ultest0/);
    await change(pod, null);
    assert.doesNotMatch(ip('link'), /ultest0/);
    await end(pod);
  });

  test('a DEL does not wait for a change under way', async () => {
    const pod = await run();
    writeFileSync(join(world.dir, 'bin', 'on-ADD'), 'sleep 60\n');
    await annotate('second');
    const changing = assert.rejects(node.attacher.changeNetworks(pod.ref));
    while (!events.includes('begun') && !(await world.leftOvers()).plugged.some(name => name.endsWith('ctr'))) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    await node.call('DEL', pod.request);
    await changing;
    rmSync(join(world.dir, 'bin', 'on-ADD'));
    await end(pod);
  });

  test('cut off at any step, the next agent brings it to the end', async () => {
    for (let cut = 1; ; cut++) {
      const pod = await run('third');
      await annotate('second');
      let count = 0;
      onStep = () => {
        if (++count >= cut) throw new Error('cut off');
      };
      let isWhole = true;
      await node.attacher.changeNetworks(pod.ref).catch(() => {
        isWhole = false;
      });
      onStep = () => undefined;
      await node[Symbol.asyncDispose]();
      node = await start();
      await node.attacher.recover();
      assert.equal(await node.attacher.changeNetworks(pod.ref), true, `cut at ${cut}`);
      assert.deepEqual(await status(), ['eth0 lan', 'net1 default/second'], `cut at ${cut}`);
      await end(pod);
      if (isWhole) break;
    }
  });
});
