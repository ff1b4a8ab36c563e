import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NETWORK_ATTACHMENT_DEFINITIONS, PODS, type Pod } from '#api';
import { sandboxCommand } from './running-sandbox.ts';
import { eventually, isReady, NODES, startWebCluster, type WebCluster } from './web-cluster.ts';

/** Multus' end-to-end tests on a cluster of two nodes, under their names; what those only print is asserted here. */
let cluster: WebCluster;

const MASTER = 'enp4s0f0np0';

before(async () => {
  cluster = await startWebCluster();
});

after(() => cluster.end());

async function createNetwork(name: string, config: unknown): Promise<void> {
  await cluster.client.create(NETWORK_ATTACHMENT_DEFINITIONS, {
    metadata: { namespace: 'default', name },
    spec: { config: JSON.stringify(config) },
  });
}

/** @param networks of the annotation */
async function createPod(name: string, nodeName: string, networks?: readonly unknown[]): Promise<void> {
  await cluster.client.create<Pod>(PODS, {
    metadata: {
      namespace: 'default',
      name,
      labels: { app: name.split('-')[0] ?? name },
      ...(networks === undefined ? {} : { annotations: { 'k8s.v1.cni.cncf.io/networks': JSON.stringify(networks) } }),
    },
    spec: { nodeName, containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 8080 }] }] },
  });
}

function untilReady(...names: readonly string[]): Promise<void> {
  return eventually(async () => {
    for (const name of names) {
      assert.ok(isReady(await cluster.client.get(PODS, { namespace: 'default', name })), `${name} is not ready`);
    }
  });
}

async function inPod(pod: string, ...command: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await sandboxCommand(cluster.sandbox.tmp, 'exec', pod, '--', ...command);
  assert.equal(status, 0, stderr);
  return stdout;
}

async function addressOf(pod: string, link: string): Promise<string | undefined> {
  const [shown] = JSON.parse(await inPod(pod, 'ip', '-j', '-4', 'addr', 'show', 'dev', link)) as {
    readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
  }[];
  const [address] = shown?.addr_info ?? [];
  return address === undefined ? undefined : `${address.local}/${address.prefixlen}`;
}

async function defaultOf(pod: string): Promise<string | undefined> {
  const [route] = JSON.parse(await inPod(pod, 'ip', '-j', '-4', 'route', 'show', 'default')) as {
    readonly gateway: string;
    readonly dev: string;
  }[];
  return route === undefined ? undefined : `${route.gateway} ${route.dev}`;
}

test('simple-pod', async () => {
  await createPod('simple', 'n1');
  await untilReady('simple');
});

test('simple-macvlan1', async () => {
  await createNetwork('macvlan1-config', {
    cniVersion: '0.3.1',
    plugins: [
      { type: 'macvlan', capabilities: { ips: true }, master: MASTER, mode: 'bridge', ipam: { type: 'static' } },
    ],
  });
  const pods = NODES.map((node, index) => ({ name: `macvlan1-${node}`, node, ip: `10.1.1.1${index + 1}` }));
  for (const { name, node, ip } of pods) await createPod(name, node, [{ name: 'macvlan1-config', ips: [`${ip}/24`] }]);
  await untilReady(...pods.map(({ name }) => name));
  for (const { name, ip } of pods) assert.equal(await addressOf(name, 'net1'), `${ip}/24`);
});

test('default-route1', async () => {
  await createNetwork('default-route-config', {
    cniVersion: '0.3.1',
    name: 'default-route-config',
    type: 'macvlan',
    master: MASTER,
    ipam: { type: 'static' },
  });
  const network = { name: 'default-route-config', ips: ['10.1.1.21/24'] };
  await createPod('route-moved', 'n1', [{ ...network, 'default-route': ['10.1.1.254'] }]);
  await createPod('route-kept', 'n2', [{ ...network, ips: ['10.1.1.22/24'] }]);
  await untilReady('route-kept');
  await eventually(async () => assert.equal(await addressOf('route-moved', 'net1'), '10.1.1.21/24'));
  assert.equal(await defaultOf('route-moved'), '10.1.1.254 net1');
  assert.match((await defaultOf('route-kept')) ?? '', / eth0$/);
});

test('connection-limit: 50 pods at once', async () => {
  const names = Array.from({ length: 50 }, (_, index) => `many-${index}`);
  await createNetwork('bridge-config', {
    cniVersion: '0.4.0',
    name: 'bridge-config',
    type: 'bridge',
    bridge: 'test-bridge',
    ipam: { type: 'host-local', subnet: '10.1.2.0/24' },
  });
  await Promise.all(names.map((name, index) => createPod(name, NODES[index % 2] ?? '', [{ name: 'bridge-config' }])));
  // A machine that is busy otherwise starts one a second.
  await eventually(async () => assert.equal((await cluster.readyPods('many')).length, 50), 70_000);
  await Promise.all(
    names.map(name => cluster.client.delete(PODS, { namespace: 'default', name }, { gracePeriodSeconds: 0 })),
  );
  await eventually(async () => assert.equal((await cluster.pods('many')).length, 0), 40_000);
  for (const node of NODES) {
    await eventually(async () => assert.doesNotMatch(await cluster.onNode(node, 'ip', 'link'), /test-bridge/));
  }
});
