import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SPIDER_IP_POOLS } from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import type { AttachNode } from './node.ts';
import { setEachScene } from './scene.ts';
import { SECOND_NETWORK, WHEREABOUTS, type World } from './world.ts';

/** Calls that come from inside a plugin that we run, at wrong moments. */
const { skip } = skipUnlessRing2();

let world: World;
let node: AttachNode;

setEachScene(skip, async scene => {
  ({ world } = scene);
  await world.createNad('second', SECOND_NETWORK);
  node = await scene.startNode();
  // The plugin tells its token and waits to be let go.
  writeFileSync(bin('on-ADD'), `echo "$UNDERLANE_CALL" >"$here/t" && mv "$here/t" "$here/token"; ${waitFor('go')}`);
});

function bin(name: string): string {
  return join(world.dir, 'bin', name);
}

function waitFor(name: string): string {
  return `while [ ! -e "$here/${name}" ]; do sleep 0.02; done\n`;
}

async function appears(name: string): Promise<string> {
  for await (const _ of watchBin()) if (existsSync(bin(name))) break;
  return readFileSync(bin(name), 'utf8').trim();
}

async function* watchBin(): AsyncGenerator<void> {
  const watcher = watch(join(world.dir, 'bin'));
  try {
    for (;;) {
      yield;
      await new Promise(resolve => watcher.once('change', resolve));
    }
  } finally {
    watcher.close();
  }
}

async function makePod() {
  const pod = await world.createPod('a', 'second');
  const request = { containerId: 'ctr', netns: world.makeNetns('a'), pod: { name: 'a', uid: pod.metadata.uid ?? '' } };
  return { request, clean: await world.leftOvers() };
}

async function endPod(clean: unknown): Promise<void> {
  await world.deletePod('a');
  const deadline = performance.now() + 10_000;
  while ((await world.cluster.claims()).length > 0 && performance.now() < deadline) {
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  await node.releaser.idle();
  assert.deepEqual(await world.leftOvers(), clean);
}

const IPAM = { plugin: 'whereabouts', config: { name: 'inner', ipam: WHEREABOUTS } };

test('a nested ADD that outlives its plugin is undone before the parent goes on', { skip }, async () => {
  const { request, clean } = await makePod();
  // While this plugin hangs, the inner call hangs on it.
  const inner = { name: 'inner', type: 'host-local', ipam: { type: 'slow' } };
  writeFileSync(
    bin('slow'),
    `#!/bin/sh\nhere=$(dirname "$0")\n[ "$CNI_COMMAND" = DEL ] && exit 0\n: >"$here/inside"\n${waitFor('never')}`,
    {
      mode: 0o755,
    },
  );
  const add = node.call('ADD', request);
  const token = await appears('token');
  const nested = node.call('ADD', {
    ...request,
    plugin: 'macvlan',
    config: { ...inner, type: 'macvlan', master: 'up0' },
    token,
  });
  const refused = assert.rejects(nested, /plugin that asked has ended/);
  await appears('inside');
  writeFileSync(bin('go'), '');
  await add;
  await refused;
  assert.deepEqual(
    node.journal.list().map(({ key }) => key.plugin),
    ['underlane'],
  );
  await node.call('DEL', request);
  await endPod(clean);
});

test('a nested call that comes when its parent is over is refused, but a DEL is done', { skip }, async () => {
  const { request, clean } = await makePod();
  const add = node.call('ADD', request);
  const token = await appears('token');
  await node.call('ADD', { ...request, ...IPAM, token });
  assert.equal(node.journal.list().length, 2);
  writeFileSync(bin('go'), '');
  await add;
  await assert.rejects(node.call('ADD', { ...request, ...IPAM, token }), { code: 'NESTING' });
  // As a spooled DEL of a former agent's plugin: refused, it would come again at every start.
  await node.call('DEL', { ...request, ...IPAM, token });
  assert.equal(node.journal.list().length, 1);
  await node.call('DEL', request);
  await endPod(clean);
});

test('a plugin that calls its own caller is refused at once', { skip }, async () => {
  const { request, clean } = await makePod();
  const add = node.call('ADD', request);
  const token = await appears('token');
  for (const command of ['ADD', 'DEL', 'CHECK'] as const) {
    await assert.rejects(node.call(command, { ...request, token }), {
      code: 'NESTING',
      message: /Cannot run "underlane" from inside a plugin that we run for the same container/,
    });
  }
  writeFileSync(bin('go'), '');
  await add;
  await node.call('CHECK', request);
  await node.call('DEL', request);
  await endPod(clean);
});

test('the parent that fails takes what was nested in it along', { skip }, async () => {
  const { request, clean } = await makePod();
  const hangUp = new AbortController();
  const add = assert.rejects(node.call('ADD', { ...request, signal: hangUp.signal }), /hung up/);
  const token = await appears('token');
  await node.call('ADD', { ...request, ...IPAM, token });
  const late = assert.rejects(
    node.call('ADD', { ...request, ...IPAM, config: { ...IPAM.config, name: 'late' }, token }),
    /hung up|ended|over/,
  );
  hangUp.abort(new Error('hung up'));
  await Promise.all([add, late]);
  assert.deepEqual(node.journal.list(), []);
  rmSync(bin('on-ADD'));
  await endPod(clean);
});

test('a plugin by its own name needs no API server for addresses of the node', { skip }, async () => {
  const clean = await world.leftOvers();
  await world.cluster.goAway();
  const request = {
    containerId: 'single',
    netns: world.makeNetns('single'),
    // A pod that no cache has ever seen.
    pod: { name: 'nobody', uid: '0b6f2f0e-0000-4000-8000-000000000000' },
    plugin: 'macvlan',
    config: { name: 'own', master: 'up0', ipam: { type: 'host-local', subnet: '10.9.0.0/24' } },
  };
  const result = JSON.parse(await node.call('ADD', request)) as { ips: { address: string }[] };
  assert.equal(result.ips[0]?.address, '10.9.0.2/24');
  await node.call('DEL', request);
  await world.cluster.comeBack();
  const { pods: _, ...left } = await world.leftOvers();
  const { pods: _none, ...before } = clean;
  assert.deepEqual(left, before);
});

test('a third-party plugin that calls Spiderpool gets an address of the pool that its pod names', {
  skip,
}, async () => {
  const { client } = world.cluster;
  for (const [name, address] of Object.entries({ asked: '172.18.40.1', other: '172.18.41.1' })) {
    const spec = { subnet: '172.18.0.0/16', ips: [address], default: name === 'other' };
    await client.create(SPIDER_IP_POOLS, { metadata: { name }, spec });
  }
  const annotations = { 'ipam.spidernet.io/ippools': '[{"ipv4": ["asked"]}, {"ipv4": ["other"]}]' };
  const pod = await world.createPod('a', 'second', annotations);
  const request = { containerId: 'ctr', netns: world.makeNetns('a'), pod: { name: 'a', uid: pod.metadata.uid ?? '' } };
  const clean = await world.leftOvers();
  const add = node.call('ADD', request);
  const token = await appears('token');
  const inner = { plugin: 'spiderpool', config: { name: 'inner', ipam: { type: 'spiderpool' } } };
  const result = JSON.parse(await node.call('ADD', { ...request, ...inner, token }));
  assert.deepEqual(result.ips, [{ address: '172.18.40.1/16' }]);
  writeFileSync(bin('go'), '');
  await add;
  await node.call('DEL', request);
  await endPod(clean);
});
