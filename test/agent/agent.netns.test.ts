import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { IP_ALLOCATIONS, LEASES, NODE_LABEL } from '#api';
import { askHealth, type HealthAnswer } from '../../src/health/testing.ts';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { setEachLan } from './on-lan.ts';
import type { TestCluster } from './test-cluster.ts';
import { eventually, hostSnapshot, ip, startTestNode, type TestNode } from './test-node.ts';

/** The built agent and shim with an API server: lives of claims, crashes, bad input. */
const { skip } = skipUnlessRing2();

const RANGE = { type: 'whereabouts', range: '172.18.30.1-172.18.30.10/16', gateway: '172.18.0.1' };
const LAN = { cniVersion: '0.3.1', name: 'lan', type: 'macvlan', master: 'up0', ipam: RANGE };
const ON_LAN = { 'k8s.v1.cni.cncf.io/networks': 'lan' };

let dir: string;
let cluster: TestCluster;
let node: TestNode;

setEachLan(skip, async lan => {
  ({ dir, cluster } = lan);
  node = await lan.startNode();
});

function add(
  containerId: string,
  pod: Awaited<ReturnType<TestCluster['createPod']>>,
  netns = node.makeNetns(containerId),
) {
  return node.call({ command: 'ADD', containerId, pod, netns }).done;
}

function del(containerId: string, pod?: Awaited<ReturnType<TestCluster['createPod']>>) {
  return node.call({ command: 'DEL', containerId, ...(pod === undefined ? {} : { pod }) }).done;
}

test('a pod gets its default network and net1, status before ADD returns, and DEL leaves nothing', {
  skip,
}, async () => {
  await cluster.createNad('lan', LAN);
  const before = hostSnapshot();
  const pod = await cluster.createPod('a', { annotations: ON_LAN });
  const { exitCode, json } = await add('ctr-a', pod);
  assert.equal(exitCode, 0, JSON.stringify(json));
  assert.equal(json.cniVersion, '1.0.0');
  const { claims } = { claims: await cluster.claims() };
  assert.equal(claims.length, 1);
  const address = claims[0]?.spec.address ?? '';
  assert.match(ip('-n ul-test-n1-ctr-a -4 addr show net1'), new RegExp(address.replaceAll('.', '\\.')));
  const { items } = await cluster.client.list({
    group: '',
    version: 'v1',
    plural: 'pods',
    kind: 'Pod',
    isNamespaced: true,
  });
  const status = JSON.parse(items[0]?.metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'] ?? '[]');
  assert.deepEqual(
    status.map((entry: { name: string; interface: string; default?: boolean }) => [
      entry.name,
      entry.interface,
      entry.default,
    ]),
    [
      ['plain', 'eth0', true],
      ['default/lan', 'net1', undefined],
    ],
  );
  assert.deepEqual(status[1].ips, [address.split('/')[0]]);
  const told = await eventually('the Events', async () => {
    const events = await cluster.events();
    return events.length === 2 && events.map(({ message }) => message);
  });
  assert.deepEqual(told.sort(), ['Add eth0 [10.244.1.2/24] from plain', `Add net1 [${address}] from default/lan`]);
  assert.equal(
    (await node.call({ command: 'CHECK', containerId: 'ctr-a', pod, netns: '/run/netns/ul-test-n1-ctr-a' }).done)
      .exitCode,
    0,
  );
  await cluster.deletePod('a');
  assert.equal((await del('ctr-a', pod)).exitCode, 0);
  await eventually('the claim is released', async () => (await cluster.claims()).length === 0);
  assert.deepEqual(hostSnapshot(), before);
});

test('an old sandbox, deleted late, does not take the address from the new one of the same pod', { skip }, async () => {
  await cluster.createNad('lan', LAN);
  const pod = await cluster.createPod('a', { annotations: ON_LAN });
  assert.equal((await add('old', pod)).exitCode, 0);
  const [first] = await cluster.claims();
  assert.equal((await add('new', pod)).exitCode, 0);
  assert.equal((await del('old', pod)).exitCode, 0);
  const [second] = await cluster.claims();
  assert.equal(second?.metadata.uid, first?.metadata.uid);
  assert.match(
    ip('-n ul-test-n1-new -4 addr show net1'),
    new RegExp(String(first?.spec.address).replaceAll('.', '\\.')),
  );
});

test('a pod that lives keeps its claim without a sandbox, and gives it back when it goes', { skip }, async () => {
  await cluster.createNad('lan', LAN);
  const pod = await cluster.createPod('a', { annotations: ON_LAN });
  await add('one', pod);
  const [before] = await cluster.claims();
  await del('one', pod);
  await add('two', pod);
  assert.equal((await cluster.claims())[0]?.metadata.uid, before?.metadata.uid);
  await del('two', pod);
  await cluster.deletePod('a');
  await eventually('the claim is released', async () => (await cluster.claims()).length === 0);
});

test('DEL with the API server away succeeds, and the release is written when it is back, across a restart of the agent', {
  skip,
}, async () => {
  await cluster.createNad('lan', LAN);
  const pod = await cluster.createPod('a', { annotations: ON_LAN });
  await add('one', pod);
  await cluster.deletePod('a');
  await cluster.goAway();
  assert.equal((await del('one', pod)).exitCode, 0);
  await node.kill('SIGKILL');
  await node.start();
  await cluster.comeBack();
  await eventually('the claim is released', async () => (await cluster.claims()).length === 0);
});

test('a DEL while no agent runs is spooled, and done before the next agent is ready', { skip }, async () => {
  await cluster.createNad('lan', LAN);
  const before = hostSnapshot();
  const pod = await cluster.createPod('a', { annotations: ON_LAN });
  await add('one', pod);
  await cluster.deletePod('a');
  await node.kill('SIGKILL');
  assert.equal((await del('one', pod)).exitCode, 0);
  assert.equal(readdirSync(join(dir, 'n1', 'state', 'del-spool')).length, 1);
  await node.start();
  assert.deepEqual(hostSnapshot(), before);
  assert.deepEqual(readdirSync(join(dir, 'n1', 'state', 'del-spool')), []);
  await eventually('the claim is released', async () => (await cluster.claims()).length === 0);
});

test('ADD while no agent runs answers code 11, to be tried again', { skip }, async () => {
  const pod = await cluster.createPod('a');
  await node.kill('SIGKILL');
  const { exitCode, json } = await add('one', pod);
  assert.equal(exitCode, 1);
  assert.equal(json.code, 11);
});

test('an ADD whose caller is gone is undone, and the plugin that it waited for is ended', { skip }, async () => {
  await cluster.createNad('lan', {
    cniVersion: '1.0.0',
    name: 'lan',
    plugins: [{ ...LAN, name: undefined, cniVersion: undefined }, { type: 'hangs' }],
  });
  const started = join(dir, 'started');
  writeFileSync(
    join(dir, 'n1', 'bin', 'hangs'),
    `#!/bin/sh\n[ "$CNI_COMMAND" = ADD ] || exit 0\necho $$ >${started}\nexec sleep 600\n`,
    { mode: 0o755 },
  );
  const before = hostSnapshot();
  const pod = await cluster.createPod('a', { annotations: ON_LAN });
  const { child, done } = node.call({ command: 'ADD', containerId: 'gone', pod, netns: node.makeNetns('gone') });
  const pid = await eventually(
    'the plugin hangs',
    async () => existsSync(started) && readFileSync(started, 'utf8').trim(),
  );
  assert.match(ip('-n ul-test-n1-gone link'), /net1/);
  child.kill('SIGKILL');
  await done;
  await eventually('the ADD is undone', async () => /hung up.*"msg":"Failed"/.test(node.log()));
  assert.equal(existsSync(`/proc/${pid}`), false);
  assert.deepEqual(hostSnapshot(), before);
  assert.doesNotMatch(ip('-n ul-test-n1-gone link'), /net1|eth0/);
  assert.deepEqual(readdirSync(join(dir, 'n1', 'state', 'journal')), []);
  assert.deepEqual(await cluster.claims(), []);
});

test('kill -9 in the middle of 12 ADDs leaves what DEL and the next start remove', { skip }, async () => {
  await cluster.createNad('lan', LAN);
  const before = hostSnapshot();
  const names = Array.from({ length: 12 }, (_, index) => `p${index}`);
  const pods = await Promise.all(names.map(name => cluster.createPod(name, { annotations: ON_LAN })));
  const adds = pods.map((pod, index) => add(`ctr${index}`, pod));
  await Promise.any(adds.map(async done => assert.equal((await done).exitCode, 0)));
  await node.kill('SIGKILL');
  await Promise.all(adds);
  await node.start();
  await Promise.all(pods.map((pod, index) => del(`ctr${index}`, pod)));
  await Promise.all(names.map(name => cluster.deletePod(name)));
  assert.deepEqual(hostSnapshot(), before);
  assert.deepEqual(readdirSync(join(dir, 'n1', 'state', 'journal')), []);
  await eventually('all claims are released', async () => (await cluster.claims()).length === 0);
});

test('SIGTERM with everything open ends the agent within a second', { skip }, async () => {
  await cluster.createNad('lan', LAN);
  const pod = await cluster.createPod('a', { annotations: ON_LAN });
  await add('one', pod);
  // A connection that never asks, a health connection that stays, an ADD that hangs.
  const silent = connect(node.socket);
  silent.on('error', () => {});
  await new Promise(resolve => silent.once('connect', resolve));
  await ask('/healthz');
  await cluster.goAway();
  const hanging = startHanging();
  await eventually('the ADD has begun', async () => node.log().includes('"containerId":"hanging"'));
  const ms = await node.kill('SIGTERM');
  assert.equal(node.agent.exitCode, 0, node.log());
  assert.ok(ms < 1000, `took ${ms} ms`);
  silent.destroy();
  await hanging;
  await cluster.comeBack();

  function startHanging() {
    const netns = node.makeNetns('hanging');
    return node.call({
      command: 'ADD',
      containerId: 'hanging',
      netns,
      pod: { ...pod, metadata: { ...pod.metadata, name: 'unknown', uid: 'u' } },
    }).done;
  }
});

test("the socket is nobody else's, and /healthz and /metrics answer beside it", { skip }, async () => {
  assert.equal(statSync(node.socket).mode & 0o777, 0o600);
  assert.equal(statSync(join(node.socket, '..')).mode & 0o777, 0o700);
  assert.equal((await ask('/healthz')).status, 200);
  const metrics = await ask('/metrics');
  assert.equal(metrics.status, 200);
  assert.match(metrics.body, /^underlane_process_cpu_user_seconds_total [0-9.]+$/m);
  assert.match(metrics.body, /^underlane_address_conflicts_total 0$/m);
  assert.match(metrics.body, /^underlane_addresses_quarantined 0$/m);
});

test('/readyz follows the API server, /healthz does not', { skip }, async () => {
  const names = ['ping', 'started', 'pods', 'network-attachment-definitions', 'ipallocations'];
  const good = [...names.map(name => `[+]${name} ok`), 'readyz check passed', ''].join('\n');
  await eventually('the caches are complete', async () => (await ask('/readyz?verbose')).body === good);
  assert.deepEqual(await ask('/readyz'), { status: 200, body: 'ok\n' });
  await cluster.goAway();
  const away = await eventually('the caches are old', async () => {
    const answer = await ask('/readyz');
    return answer.status === 503 && answer.body.match(/^\[-\]/gm)?.length === 3 ? answer : undefined;
  });
  assert.match(away.body, /^\[-\]ipallocations failed: not in step with the API server/m);
  assert.deepEqual(await ask('/healthz'), { status: 200, body: 'ok\n' });
  await cluster.comeBack();
  await eventually('the caches are complete again', async () => (await ask('/readyz')).status === 200);
});

function ask(path: string): Promise<HealthAnswer> {
  return askHealth(join(node.socket, '..', 'health.sock'), path);
}

test('a claim in use that somebody deletes is made again under the same name', { skip }, async () => {
  await cluster.createNad('lan', LAN);
  const pod = await cluster.createPod('a', { annotations: ON_LAN });
  await add('one', pod);
  const [claim] = await cluster.claims();
  assert.ok(claim);
  await cluster.client.delete(IP_ALLOCATIONS, { name: claim.metadata.name });
  const again = await eventually('the claim is back', async () => (await cluster.claims())[0]);
  assert.equal(again.metadata.name, claim.metadata.name);
  assert.deepEqual(again.spec, claim.spec);
  await cluster.deletePod('a');
  await del('one', pod);
  await eventually('the new claim is released', async () => (await cluster.claims()).length === 0);
});

test('an address that was given to somebody else while the agent was away takes the interface down, with an Event', {
  skip,
}, async () => {
  await cluster.createNad('lan', LAN);
  const pod = await cluster.createPod('a', { annotations: ON_LAN });
  await add('one', pod);
  const [claim] = await cluster.claims();
  assert.ok(claim);
  await node.kill('SIGKILL');
  await cluster.client.delete(IP_ALLOCATIONS, { name: claim.metadata.name });
  const owner = { ...claim.spec.owner, podName: 'thief', podUid: 'other' };
  const { name, labels = {} } = claim.metadata;
  await cluster.client.create(IP_ALLOCATIONS, {
    metadata: { name, labels: { ...labels, [NODE_LABEL]: 'n9' } },
    spec: { ...claim.spec, owner, node: 'n9' },
  });
  await node.start();
  const event = await eventually('an Event', async () =>
    (await cluster.events()).find(({ reason }) => reason === 'AddressLost'),
  );
  assert.match(event.message, /"net1" is set down: its address 172\.18\.30\.\d+\/16 was given to pod "default\/thief"/);
  assert.doesNotMatch(ip('-n ul-test-n1-one link show net1'), /[<,]UP[,>]/);
  assert.equal((await del('one', pod)).exitCode, 0);
  assert.equal((await cluster.claims())[0]?.spec.owner.podName, 'thief');
});

const BAD_PODS = [
  ['a missing NAD', { 'k8s.v1.cni.cncf.io/networks': 'nope' }, /NetworkAttachmentDefinition "default\/nope"/],
  ['a broken annotation', { 'k8s.v1.cni.cncf.io/networks': '[{"name": }]' }, /k8s\.v1\.cni\.cncf\.io\/networks/],
  ['a misspelt annotation', { 'k8s.v1.cni.cncf.io/network': 'lan' }, /expected "k8s\.v1\.cni\.cncf\.io\/networks"/],
  ['a name of 16 bytes', { 'k8s.v1.cni.cncf.io/networks': 'lan@abcdefghijklmnop' }, /abcdefghijklmnop/],
  ['a name with a slash', { 'k8s.v1.cni.cncf.io/networks': '[{"name":"lan","interface":"a/b"}]' }, /a\/b/],
  ['a name with a blank', { 'k8s.v1.cni.cncf.io/networks': '[{"name":"lan","interface":"a b"}]' }, /a b/],
  ['twice one name', { 'k8s.v1.cni.cncf.io/networks': 'lan@net7,lan@net7' }, /net7/],
  ["the default interface's name", { 'k8s.v1.cni.cncf.io/networks': 'lan@eth0' }, /eth0/],
  ['a NAD that is not JSON', { 'k8s.v1.cni.cncf.io/networks': 'not-json' }, /"default\/not-json".*JSON/],
  ['a NAD of unknown type', { 'k8s.v1.cni.cncf.io/networks': 'unknown-type' }, /"macvlam"/],
  ['a NAD with a path as type', { 'k8s.v1.cni.cncf.io/networks': 'path-type' }, /"\.\.\/x"/],
  ['a NAD with a backwards range', { 'k8s.v1.cni.cncf.io/networks': 'backwards' }, /"default\/backwards"/],
  ['a NAD that calls us', { 'k8s.v1.cni.cncf.io/networks': 'recursive' }, /"underlane", which would call itself/],
] as const;

for (const [what, annotations, message] of BAD_PODS) {
  test(`ADD with ${what} fails in one sentence, leaves nothing and tells the pod by an Event`, { skip }, async () => {
    await cluster.createNad('lan', LAN);
    await cluster.createNad('not-json', '{"type": macvlan}');
    await cluster.createNad('unknown-type', { ...LAN, type: 'macvlam' });
    await cluster.createNad('path-type', { ...LAN, type: '../x' });
    await cluster.createNad('backwards', { ...LAN, ipam: { ...RANGE, range: '172.18.30.9-172.18.30.2/16' } });
    await cluster.createNad('recursive', { ...LAN, type: 'underlane' });
    const before = hostSnapshot();
    const pod = await cluster.createPod('bad', { annotations });
    const { exitCode, json } = await add('bad', pod);
    assert.equal(exitCode, 1);
    assert.match(json.msg, message);
    assert.doesNotMatch(json.msg, /\n/);
    assert.deepEqual(hostSnapshot(), before);
    assert.deepEqual(await cluster.claims(), []);
    assert.deepEqual(readdirSync(join(dir, 'n1', 'state', 'journal')), []);
    const event = await eventually('an Event', async () =>
      (await cluster.events()).find(
        ({ involvedObject, type }) => involvedObject.uid === pod.metadata.uid && type === 'Warning',
      ),
    );
    assert.equal(event.message, json.msg);
    assert.equal(event.type, 'Warning');
    assert.equal(node.agent.exitCode, null);
  });
}

test('an exhausted range fails the ADD, names the range, and frees what it had made', { skip }, async () => {
  await cluster.createNad('lan', { ...LAN, ipam: { ...RANGE, range: '172.18.30.1-172.18.30.2/16' } });
  const pods = await Promise.all(['a', 'b', 'c'].map(name => cluster.createPod(name, { annotations: ON_LAN })));
  for (const [index, pod] of pods.slice(0, 2).entries()) assert.equal((await add(`c${index}`, pod)).exitCode, 0);
  const before = hostSnapshot();
  const [, , third] = pods;
  assert.ok(third);
  const { exitCode, json } = await add('c2', third);
  assert.equal(exitCode, 1);
  assert.match(json.msg, /172\.18\.30\.1-172\.18\.30\.2\/16/);
  assert.deepEqual(hostSnapshot(), before);
});

test('300 attachments from 2 agents race for exactly 300 addresses: all distinct, none fails', { skip }, async () => {
  const range = { type: 'whereabouts', range: '172.18.40.1-172.18.41.44/16' };
  const config = { cniVersion: '1.0.0', name: 'race', type: 'macvlan', ipam: range };
  await using other = await startTestNode({ dir: join(dir, 'n2'), name: 'n2', kubeconfig: cluster.kubeconfig });
  const pods = await Promise.all(
    Array.from({ length: 300 }, (_, index) =>
      cluster.createPod(`race-${index}`, { node: index % 2 === 0 ? 'n1' : 'n2' }),
    ),
  );
  const results = await Promise.all(
    pods.map(
      (pod, index) =>
        (index % 2 === 0 ? node : other).call({
          command: 'ADD',
          containerId: `race${index}`,
          pod,
          netns: '/run/netns/none',
          plugin: 'whereabouts',
          config,
        }).done,
    ),
  );
  const failures = results.filter(({ exitCode }) => exitCode !== 0).map(({ json }) => json.msg);
  assert.deepEqual(failures, []);
  assert.equal(new Set(results.map(({ json }) => json.ips[0].address)).size, 300);
  assert.equal((await cluster.claims()).length, 300);
});

test('the agent says by a Lease that it is alive, once it can', { skip }, async () => {
  const held = await eventually('the Lease', async () => {
    const { items } = await cluster.client.list(LEASES, { namespace: 'kube-system' });
    return items.find(({ metadata }) => metadata.name === 'underlane-agent-n1');
  });
  assert.deepEqual([held.spec?.holderIdentity, held.spec?.leaseDurationSeconds], ['n1', 40]);
});
