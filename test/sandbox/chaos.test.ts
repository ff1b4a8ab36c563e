import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { EVENTS, NETWORK_ATTACHMENT_DEFINITIONS, PODS, type Pod } from '#api';
import { DEPLOYMENTS } from '../../src/sandbox/workloads.ts';
import { processesOf } from './running-sandbox.ts';
import { addressesOf, eventually, isReady, NODES, REPLICAS, startWebCluster, type WebCluster } from './web-cluster.ts';

let cluster: WebCluster;

before(async () => {
  cluster = await startWebCluster();
  await cluster.startWeb();
});

after(() => cluster.end());

/** Deletes all pods of the Deployment, which makes new ones. */
async function deleteWebPods(): Promise<readonly Pod[]> {
  const pods = await cluster.readyPods();
  await Promise.all(pods.map(pod => cluster.client.delete(PODS, pod.metadata)));
  return pods;
}

/** Resolves when other pods than these run, and of these nothing is left. */
function untilReplaced(gone: readonly Pod[]): Promise<void> {
  return eventually(async () => {
    const now = await cluster.pods();
    assert.equal(now.filter(isReady).length, REPLICAS);
    assert.equal(now.length, REPLICAS, 'terminating pods are gone');
    assert.ok(now.every(pod => gone.every(({ metadata }) => metadata.uid !== pod.metadata.uid)));
  });
}

test('agents killed under load: every pod is replaced, no address is lost or held twice', async () => {
  for (let round = 0; round < 3; round++) {
    const gone = await deleteWebPods();
    await sleep(round * 40); // in the middle of other steps each time
    killAgents();
    await untilReplaced(gone);
  }
  await eventually(async () => cluster.assertClaims(await cluster.readyPods()));
});

test('controllers killed under load, one and then all: pods get their addresses, and the controllers come back', async () => {
  for (const count of [1, 2]) {
    const gone = await deleteWebPods();
    const before = controllerPids();
    for (const pid of before.slice(0, count)) process.kill(pid, 'SIGKILL');
    await untilReplaced(gone);
    await eventually(async () => {
      const now = controllerPids();
      assert.equal(now.length, 2);
      assert.equal(now.filter(pid => before.includes(pid)).length, 2 - count);
    });
    await eventually(async () => cluster.assertClaims(await cluster.readyPods()));
  }
});

/** What becomes of packets from the nodes to the API server; undefined lets them pass again. */
async function cut(verdict: 'drop' | 'reject with tcp reset' | undefined): Promise<void> {
  const way = '{ type filter hook output priority 0; ip daddr 172.18.0.1 tcp dport 6443';
  const command = verdict === undefined ? 'delete table ip cut' : `table ip cut { chain out ${way} ${verdict}; }; }`;
  await Promise.all(NODES.map(node => cluster.onNode(node, 'nft', command)));
}

test('API server away under load: what was deleted meanwhile is given back later, what was made gets its address', async () => {
  // A server that is down refuses, a network that is down says nothing. Caches are stale after 5 s.
  for (const [verdict, awayMs] of [
    ['reject with tcp reset', 1_000],
    ['drop', 1_500],
    ['reject with tcp reset', 6_000],
  ] as const) {
    const gone = await deleteWebPods();
    await cut(verdict);
    await sleep(awayMs);
    await cut(undefined);
    await untilReplaced(gone);
    await eventually(async () => cluster.assertClaims(await cluster.readyPods()));
  }
});

/** Starts the agents anew, to find the API server at this port; everybody else keeps the one that they know. */
async function restartAgents(apiPort: number): Promise<void> {
  for (const node of NODES) {
    const file = join(nodeDir(node), 'kubeconfig');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/172\.18\.0\.1:\d+/, `172.18.0.1:${apiPort}`));
  }
  killAgents();
}

test('agents started while the API server is away: pods end without it, and their addresses are given back later', async () => {
  await restartAgents(1);
  const gone = await deleteWebPods();
  await eventually(async () => {
    const left = (await cluster.pods()).filter(pod => gone.some(({ metadata }) => metadata.uid === pod.metadata.uid));
    assert.deepEqual(
      left.map(pod => pod.metadata.name),
      [],
    );
  });
  await cluster.assertClaims(gone, await cluster.pods());
  await restartAgents(6443);
  await untilReplaced(gone);
  await eventually(async () => cluster.assertClaims(await cluster.readyPods()));
});

test('more pods than addresses: some wait and an Event says why; addresses that come free are theirs', async () => {
  const { client } = cluster;
  const plugins = [
    { type: 'macvlan', master: 'enp4s0f0np0', ipam: { type: 'whereabouts', range: '172.18.40.1-172.18.40.3/16' } },
  ];
  const config = JSON.stringify({ cniVersion: '0.3.1', name: 'small', plugins });
  await client.create(NETWORK_ATTACHMENT_DEFINITIONS, {
    metadata: { namespace: 'default', name: 'small' },
    spec: { config },
  });
  await makeDeployment('early', 3);
  await eventually(async () => assert.equal((await cluster.readyPods('early')).length, 3));
  await makeDeployment('late', 2);
  await eventually(async () => {
    const waiting = (await cluster.pods('late')).map(({ metadata }) => metadata.uid);
    assert.equal(waiting.length, 2);
    const { items } = await client.list(EVENTS, { namespace: 'default' });
    const why = items.filter(({ message }) => message?.includes('172.18.40.1-172.18.40.3'));
    // Of the early ones, too, one may have had to wait: for what its node and the controller had taken for another at once.
    const told = new Set(why.map(event => event.involvedObject.uid));
    assert.deepEqual(
      waiting.filter(uid => !told.has(uid)),
      [],
      JSON.stringify(why),
    );
  });
  assert.equal((await cluster.readyPods('late')).length, 0);

  await client.mergePatch(DEPLOYMENTS, { namespace: 'default', name: 'early' }, { spec: { replicas: 1 } });
  await eventually(async () => {
    const small = [...(await cluster.readyPods('early')), ...(await cluster.readyPods('late'))];
    assert.deepEqual(small.flatMap(addressesOf).sort(), ['172.18.40.1', '172.18.40.2', '172.18.40.3']);
    await cluster.assertClaims([...small, ...(await cluster.readyPods())]);
  });
  for (const name of ['early', 'late']) await scaleToNothing(name);
});

test('after all that, each node holds the links and routes of its own pods and nothing else', async () => {
  const pods = await cluster.readyPods();
  assert.equal(pods.length, REPLICAS);
  for (const node of NODES)
    await assertHolds(
      node,
      pods.filter(pod => pod.spec['nodeName'] === node),
    );
});

test('when the last pod is gone, so is everything that was made for any of them', async () => {
  await scaleToNothing('web');
  await eventually(() => cluster.assertClaims([]));
  for (const node of NODES) {
    await assertHolds(node, []);
    assert.deepEqual(await cluster.onNode(node, 'ls', '/run/netns').then(text => text.trim().split('\n')), [
      'ext',
      ...NODES,
    ]);
    assert.deepEqual(filesBelow(join(nodeDir(node), 'agent')), ['lock'], node);
  }
});

/** One link for each pod, one route for each of its addresses. */
async function assertHolds(node: string, pods: readonly Pod[]): Promise<void> {
  await eventually(async () => {
    const links = JSON.parse(await cluster.onNode(node, 'ip', '-j', 'link')) as { ifname: string }[]; // iproute2's
    const others = links.map(({ ifname }) => ifname).filter(name => !['lo', 'enp4s0f0np0', 'eth1'].includes(name));
    assert.equal(others.length, pods.length, `links of ${node}: ${others.join(', ')}`);
    const own = [];
    for (const family of ['-4', '-6']) {
      const routes = JSON.parse(await cluster.onNode(node, 'ip', '-j', family, 'route')) as {
        dst: string;
        dev: string;
      }[]; // iproute2's
      own.push(...routes.filter(({ dev, dst }) => dev.startsWith('veth') && dst !== 'fe80::/64').map(({ dst }) => dst));
    }
    assert.deepEqual(own.sort(), pods.flatMap(addressesOf).sort());
  });
}

/** Where the node has what a machine would have below /etc and /var/lib. */
function nodeDir(node: string): string {
  const [folder = ''] = readdirSync(cluster.sandbox.tmp);
  return join(cluster.sandbox.tmp, folder, 'nodes', node);
}

function filesBelow(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ name }) => name);
}

async function makeDeployment(name: string, replicas: number): Promise<void> {
  const template = {
    metadata: { labels: { app: name }, annotations: { 'v1.multus-cni.io/default-network': 'default/small' } },
    spec: { containers: [{ name: 'c', image: 'x' }] },
  };
  const spec = { replicas, selector: { matchLabels: { app: name } }, template };
  await cluster.client.create(DEPLOYMENTS, { metadata: { namespace: 'default', name }, spec });
}

async function scaleToNothing(name: string): Promise<void> {
  await cluster.client.mergePatch(DEPLOYMENTS, { namespace: 'default', name }, { spec: { replicas: 0 } });
  await eventually(async () => assert.equal((await cluster.pods(name)).length, 0));
}

function controllerPids(): number[] {
  return processesOf(cluster.sandbox.tmp)
    .filter(({ args }) => args.includes('controller'))
    .map(({ pid }) => pid);
}

function killAgents(): void {
  const agents = processesOf(cluster.sandbox.tmp).filter(({ args }) => args.includes('agent'));
  assert.equal(agents.length, NODES.length);
  for (const { pid } of agents) process.kill(pid, 'SIGKILL');
}
