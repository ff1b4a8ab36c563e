import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { IP_ALLOCATIONS, type IPAllocation, PODS } from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { type Call, startNode } from './node.ts';
import { setEachScene } from './scene.ts';
import { ip, SECOND_NETWORK, WHEREABOUTS, type World } from './world.ts';

/** kill -9 between any two steps of ADD and DEL; then the next agent's start and the runtime's DEL. */
const { skip } = skipUnlessRing2();

/** Three NICs: addresses of the cluster and of the node, a plugin that we exec in the middle. */
const NETWORKS = 'second,third';

let world: World;

setEachScene(skip, async scene => {
  ({ world } = scene);
  await world.createNad('second', SECOND_NETWORK);
  await world.createNad('third', { type: 'macvlan', master: 'up0', ipam: WHEREABOUTS });
});

/** @returns whether the process was killed; false when the request was done before the step came */
async function runAndKill(verb: 'ADD' | 'DEL' | 'CHANGE', step: number, request: Call): Promise<boolean> {
  const args = [
    fileURLToPath(import.meta.resolve('./crash-child.ts')),
    world.cluster.server,
    world.dir,
    String(step),
    verb,
  ];
  const child = spawn(process.execPath, [...args, JSON.stringify(request)], { stdio: 'inherit' });
  const [code, signal] = await new Promise<[number | null, string | null]>(resolve =>
    child.once('exit', (...how) => resolve(how)),
  );
  assert.ok(signal === 'SIGKILL' || code === 0, `${verb} ended with ${code ?? signal}`);
  return signal === 'SIGKILL';
}

/** What comes after a crash, and then the pod's end; nothing may be left. */
async function cleanUp(request: Call, clean: unknown, what: string): Promise<void> {
  const node = await startNode({ server: world.cluster.server, dir: world.dir });
  try {
    await node.attacher.recover();
    const states = node.journal.list().map(({ state }) => state);
    assert.ok(
      states.every(state => state === 'added'),
      `${what}: ${states.join()}`,
    );
    await node.call('DEL', { containerId: request.containerId });
    await world.deletePod('a');
    const deadline = performance.now() + 10_000;
    for (const { metadata } of await quarantined()) await world.cluster.client.delete(IP_ALLOCATIONS, metadata);
    while ((await world.cluster.claims()).length > 0) {
      assert.ok(performance.now() < deadline, `${what}: a claim is left`);
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    await node.releaser.idle();
    assert.deepEqual(await world.leftOvers(), clean, what);
  } finally {
    await node[Symbol.asyncDispose]();
  }
}

/** What somebody else on the network has: nobody's, and ended by time alone. */
async function quarantined(): Promise<readonly IPAllocation[]> {
  return (await world.cluster.claims()).filter(({ spec }) => spec.policy === 'Quarantine');
}

for (const verb of ['ADD', 'DEL'] as const) {
  test(`kill -9 at every step of ${verb} leaves nothing that the next start and DEL do not remove`, {
    skip,
  }, async () => {
    let steps = 0;
    for (let isKilled = true; isKilled; steps++) {
      const pod = await world.createPod('a', NETWORKS);
      const request: Call = {
        containerId: `ctr${steps}`,
        netns: world.makeNetns(`p${steps}`),
        pod: { name: 'a', uid: pod.metadata.uid ?? '' },
      };
      const clean = await world.leftOvers();
      if (verb === 'DEL') await runAndKill('ADD', Number.POSITIVE_INFINITY, request);
      isKilled = await runAndKill(verb, steps, request);
      await cleanUp(request, clean, `${verb}, step ${steps}`);
    }
    // So many at least are known: two or more writes, their removal, the claim and the status, before and after each.
    assert.ok(steps > 6, `${steps}`);
  });
}

test('kill -9 while a third-party plugin runs leaves nothing, before or after the plugin has done its work', {
  skip,
}, async () => {
  for (const verb of ['ADD', 'DEL'] as const) {
    const pod = await world.createPod('a', NETWORKS);
    const request: Call = {
      containerId: `x${verb}`,
      netns: world.makeNetns(`x${verb}`),
      pod: { name: 'a', uid: pod.metadata.uid ?? '' },
    };
    const clean = await world.leftOvers();
    if (verb === 'DEL') await runAndKill('ADD', Number.POSITIVE_INFINITY, request);
    const script = join(world.dir, 'bin', `on-${verb}`);
    writeFileSync(script, 'kill -9 $PPID\n');
    assert.ok(await runAndKill(verb, Number.POSITIVE_INFINITY, request));
    rmSync(script);
    await cleanUp(request, clean, verb);
  }
});

test('kill -9 before every step of a change of networks: the next agent makes it whole, and DEL leaves nothing', {
  skip,
}, async () => {
  let steps = 0;
  for (let isKilled = true; isKilled; steps++) {
    const pod = await world.createPod('a', 'second');
    const ref = { name: 'a', namespace: 'default', uid: pod.metadata.uid ?? '' };
    const netns = world.makeNetns(`c${steps}`);
    const request: Call = { containerId: `chg${steps}`, netns, pod: { name: 'a', uid: ref.uid } };
    const clean = await world.leftOvers();
    {
      await using node = await startNode({ server: world.cluster.server, dir: world.dir });
      await node.call('ADD', request);
    }
    // One goes, and one comes under its name.
    const annotations = { 'k8s.v1.cni.cncf.io/networks': 'third' };
    await world.cluster.client.mergePatch(PODS, ref, { metadata: { annotations } });
    isKilled = await runAndKill('CHANGE', steps, request);
    const what = `CHANGE, step ${steps}`;
    // Every other time the pod ends before anybody has finished the change.
    if (steps % 2 === 0) {
      await using node = await startNode({ server: world.cluster.server, dir: world.dir });
      await node.attacher.recover();
      assert.equal(await node.attacher.changeNetworks(ref), true, what);
      const links = JSON.parse(ip(`-n ul-test-c${steps} -j link`)) as { ifname: string }[];
      const names = links.map(({ ifname }) => ifname).sort();
      assert.deepEqual(names, ['eth0', 'lo', 'net1', 'veth0'], what);
    }
    await cleanUp(request, clean, what);
  }
  // The change begins, one goes, its successor comes, the change is through, the status follows: so many at least.
  assert.ok(steps > 7, `${steps}`);
});

test('kill -9 while an ADD evades a conflict leaves only what is in quarantine, and nobody has it', {
  skip,
}, async () => {
  const probed = { type: 'macvlan', master: 'up0', ipam: { type: 'whereabouts', range: '10.9.0.1-10.9.0.9/24' } };
  const annotations = { 'underlane.io/detect': 'conflict' };
  await world.createNad('probed', { cniVersion: '1.0.0', name: 'probed', ...probed }, annotations);
  world.makeNetns('neighbour');
  ip('link set up1 netns ul-test-neighbour');
  ip('-n ul-test-neighbour link set up1 up');
  const conflicts: number[] = [];
  // The address is in quarantine; the undo has begun; it is through; all is done.
  for (const [index, step] of [11, 13, 15, Number.POSITIVE_INFINITY].entries()) {
    const pod = await world.createPod('a', 'probed');
    const netns = world.makeNetns(`q${index}`);
    const request: Call = { containerId: `q${index}`, netns, pod: { name: 'a', uid: pod.metadata.uid ?? '' } };
    const clean = await world.leftOvers();
    const running = runAndKill('ADD', step, request);
    const stranger = takeFirst();
    const isKilled = await running;
    const address = await stranger.stop();
    const inQuarantine = await quarantined();
    conflicts.push(inQuarantine.filter(({ spec }) => spec.address === address).length);
    if (!isKilled) assert.ok(!ip(`-n ul-test-q${index} addr show net1`).includes(` ${address}`));
    if (address !== undefined) ip(`-n ul-test-neighbour addr del ${address} dev up1`);
    await cleanUp(request, clean, `conflict, step ${step}`);
  }
  assert.deepEqual(conflicts, [1, 1, 1, 1]);
});

/** The first address that is claimed of the probed network is the neighbour's from then on, who answers for it. */
function takeFirst(): { stop(): Promise<string | undefined> } {
  const ending = new AbortController();
  async function look(): Promise<string | undefined> {
    while (!ending.signal.aborted) {
      const found = (await world.cluster.claims()).find(({ spec }) => spec.address.startsWith('10.9.'));
      if (found !== undefined) {
        ip(`-n ul-test-neighbour addr add ${found.spec.address} dev up1`);
        return found.spec.address;
      }
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    return undefined;
  }
  const looking = look();
  return {
    stop() {
      ending.abort();
      return looking;
    },
  };
}
