import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { IP_ALLOCATIONS, PODS, type Pod } from '#api';
import { createKubeClient, type KubeClient, loadKubeconfig } from '#kube';
import { applyManifest, readManifests } from '../../src/sandbox/manifests.ts';
import {
  makeTmp,
  processesOf,
  type RunningSandbox,
  removeTmp,
  sandboxCommand,
  startSandbox,
} from './running-sandbox.ts';

const NODES = ['n1', 'n2'];
const REPLICAS = 4;
let tmp = '';
let sandbox: RunningSandbox;
let client: KubeClient;

before(async () => {
  tmp = makeTmp();
  sandbox = startSandbox(tmp, '--no-examples');
  const [, kubeconfig] = await sandbox.until(/export KUBECONFIG=(\S+)[\s\S]*pods ready/);
  client = createKubeClient(loadKubeconfig(kubeconfig));
  const manifests = await readManifests(join(import.meta.dirname, '../../examples'));
  for (const manifest of manifests.filter(({ metadata }) => ['macvlan-standalone', 'web'].includes(metadata.name))) {
    await applyManifest(client, manifest);
  }
  for (const node of NODES) {
    const spec = {
      nodeName: node,
      hostNetwork: true,
      containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 9000 }] }],
    };
    await client.create<Pod>(PODS, { metadata: { namespace: 'default', name: `host-${node}` }, spec });
  }
  await eventually(async () => assert.equal((await readyPods()).length, REPLICAS));
});

after(async () => {
  client.close();
  sandbox.process.kill('SIGKILL');
  await sandbox.ended;
  removeTmp(tmp);
});

test('agents killed under load: every pod is replaced, no address is lost or held twice', async () => {
  const old = await readyPods();
  for (let round = 0; round < 3; round++) {
    const before = await readyPods();
    await Promise.all(before.map(pod => client.delete(PODS, pod.metadata)));
    await sleep(round * 40); // in the middle of other steps each time
    killAgents();
    await eventually(async () => {
      const now = await readyPods();
      assert.equal(now.length, REPLICAS);
      assert.ok(now.every(pod => before.every(({ metadata }) => metadata.uid !== pod.metadata.uid)));
      assert.equal((await webPods()).length, REPLICAS, 'terminating pods are gone');
    });
  }
  const pods = await readyPods();
  assert.ok(pods.every(pod => old.every(({ metadata }) => metadata.uid !== pod.metadata.uid)));
  const ips = pods.map(pod => String(pod.status?.['podIP']));
  assert.equal(new Set(ips).size, REPLICAS);
  await eventually(async () => {
    const { items } = await client.list(IP_ALLOCATIONS);
    assert.deepEqual(
      items.map(({ spec }) => spec.owner.podUid).sort(),
      pods.map(({ metadata }) => metadata.uid).sort(),
    );
    assert.deepEqual(items.map(({ spec }) => spec.address.replace(/\/.*/, '')).sort(), ips.sort());
  });
});

test('after all that, each node holds the links and routes of its own pods and nothing else', async () => {
  const pods = await readyPods();
  for (const node of NODES) {
    const own = pods.filter(pod => pod.spec.nodeName === node).map(pod => String(pod.status?.['podIP']));
    await eventually(async () => {
      const links = (await onNode(node, 'ip', '-j', 'link')) as { ifname: string }[];
      const others = links.map(({ ifname }) => ifname).filter(name => !['lo', 'enp4s0f0np0', 'eth1'].includes(name));
      assert.equal(others.length, own.length, `links of ${node}: ${others.join(', ')}`);
      const routes = (await onNode(node, 'ip', '-j', 'route')) as { dst: string; dev: string }[];
      assert.deepEqual(
        routes
          .filter(({ dev }) => dev.startsWith('veth'))
          .map(({ dst }) => dst)
          .sort(),
        own.sort(),
      );
    });
  }
});

async function onNode(node: string, ...command: readonly string[]): Promise<unknown> {
  const { status, stdout, stderr } = await sandboxCommand(tmp, 'exec', `host-${node}`, '--', ...command);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

function killAgents(): void {
  const agents = processesOf(tmp).filter(({ args }) => args.includes('agent'));
  assert.equal(agents.length, NODES.length);
  for (const { pid } of agents) process.kill(pid, 'SIGKILL');
}

async function webPods(): Promise<readonly Pod[]> {
  return (await client.list(PODS, { namespace: 'default', labelSelector: 'app=web' })).items;
}

async function readyPods(): Promise<readonly Pod[]> {
  const isReady = (pod: Pod): boolean => {
    const conditions = (pod.status?.['conditions'] ?? []) as readonly { type: string; status: string }[];
    return (
      pod.metadata.deletionTimestamp === undefined &&
      conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
    );
  };
  return (await webPods()).filter(isReady);
}

/** Tries until it holds, for as long as an agent's restart and the releases behind it may take. */
async function eventually(attempt: () => Promise<void>): Promise<void> {
  const end = Date.now() + 30_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(50);
    }
  }
}
