import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Pod } from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { setEachLan } from './on-lan.ts';
import type { TestCluster } from './test-cluster.ts';
import { eventually, hostSnapshot, ip, type TestNode } from './test-node.ts';

/** Those who talk to Multus' daemon, talking to the agent. */
const { skip } = skipUnlessRing2();

let cluster: TestCluster;
let node: TestNode;
let socketDir: string;

setEachLan(skip, async lan => {
  ({ cluster } = lan);
  socketDir = join(lan.dir, 'multus-run');
  node = await lan.startNode({ flags: ['--multus-socket-dir', socketDir] });
});

interface Reply {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what comes back is looked at from every side
  readonly json: any;
}

function ask(method: string, path: string, body = ''): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ socketPath: join(socketDir, 'multus.sock'), method, path }, response => {
      let text = '';
      response.on('data', chunk => {
        text += String(chunk);
      });
      response.on('end', () => {
        const json = text.startsWith('{') ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode ?? 0, text, json });
      });
    });
    request.once('error', reject);
    request.end(body);
  });
}

const LAN = { cniVersion: '0.3.1', name: 'lan', type: 'macvlan', master: 'up0', ipam: { type: 'static' } };

/** As multus-dynamic-networks-controller builds it: without CNI_PATH. */
function envOf(command: string, ifname: string, pod: Pod | undefined, netns: string) {
  return {
    CNI_COMMAND: command,
    CNI_CONTAINERID: 'ctr',
    CNI_NETNS: netns,
    CNI_IFNAME: ifname,
    CNI_ARGS: pod === undefined ? '' : `K8S_POD_NAMESPACE=default;K8S_POD_NAME=a;K8S_POD_UID=${pod.metadata.uid}`,
  };
}

function post(path: string, env: object, config: unknown, more: object = {}): Promise<Reply> {
  const text = Buffer.from(JSON.stringify(config)).toString('base64');
  return ask('POST', path, JSON.stringify({ env, config: text, ...more }));
}

function links(): readonly string[] {
  return (JSON.parse(ip('-n ul-test-n1-ctr -j link')) as { ifname: string }[]).map(({ ifname }) => ifname).sort();
}

test('is open to root alone, healthy, and knows Multus own paths and methods', { skip }, async () => {
  assert.equal(statSync(socketDir).mode & 0o777, 0o700);
  assert.equal(statSync(join(socketDir, 'multus.sock')).mode & 0o777, 0o600);
  assert.deepEqual(await ask('GET', '/healthz'), { status: 200, text: '', json: undefined });
  assert.equal((await ask('POST', '/healthz', 'null')).status, 200);
  assert.equal((await ask('GET', '/cni')).status, 405);
  assert.equal((await ask('GET', '/metrics')).status, 404);
  for (const body of ['', 'x', '[]', '{"env":{}}', '{"env":{"CNI_COMMAND":"ADD"},"config":"e30="}']) {
    const { status, json } = await ask('POST', '/delegate', body);
    assert.equal(status, 400, body);
    assert.equal(typeof json.code, 'number', body);
    assert.match(json.msg, /Cannot use the request/);
  }
});

test('/cni runs the pod pipeline and answers in 1.1.0', { skip }, async () => {
  const pod = await cluster.createPod('a');
  const netns = node.makeNetns('ctr');
  const before = hostSnapshot();
  const config = { cniVersion: '0.3.1', name: 'multus-cni-network', type: 'multus-shim' };
  const env = { ...envOf('ADD', 'eth0', pod, netns), CNI_PATH: '/opt/cni/bin' };
  const added = await post('/cni', env, config);
  assert.equal(added.status, 200);
  assert.equal(added.json.Result.cniVersion, '1.1.0');
  assert.match(added.json.Result.ips[0].address, /^10\.244\.1\./);
  assert.deepEqual(await post('/cni', { ...env, CNI_COMMAND: 'DEL' }, config), {
    status: 200,
    text: '',
    json: undefined,
  });
  assert.deepEqual(hostSnapshot(), before);
  const refused = await post('/cni', { ...env, CNI_NETNS: '/run/netns/absent' }, config);
  assert.equal(refused.status, 400);
  assert.ok(refused.json.code > 0 && refused.json.msg !== '');
});

test('/delegate attaches to a running pod what no annotation asks for, and takes it away without the pod', {
  skip,
}, async () => {
  const pod = await cluster.createPod('a');
  const netns = node.makeNetns('ctr');
  const before = hostSnapshot();
  await node.call({ command: 'ADD', containerId: 'ctr', pod, netns }).done;
  const attributes = { interfaceAttributes: { ips: ['10.1.2.3/24'], mac: '02:00:00:00:00:07' } };
  const added = await post('/delegate', envOf('ADD', 'net1', pod, netns), LAN, attributes);
  assert.equal(added.status, 200, added.text);
  assert.equal(added.json.Result.ips[0].address, '10.1.2.3/24');
  assert.equal(added.json.Result.interfaces[0].mac, '02:00:00:00:00:07');
  assert.deepEqual(links(), ['eth0', 'lo', 'net1']);
  // Asked again, it says the same.
  assert.deepEqual((await post('/delegate', envOf('ADD', 'net1', pod, netns), LAN, attributes)).json, added.json);
  const taken = await post('/delegate', envOf('ADD', 'net1', pod, netns), { ...LAN, name: 'other' }, attributes);
  assert.match(taken.json.msg, /expected a name that is free/);
  const list = { cniVersion: '1.0.0', name: 'list', plugins: [{ type: 'macvlan', master: 'up0' }] };
  assert.equal((await post('/delegate', envOf('ADD', 'net2', pod, netns), list)).status, 200);
  assert.equal((await post('/delegate', envOf('CHECK', 'net2', pod, netns), list)).status, 200);
  // Over a restart, and with the pod's object gone.
  await node.kill('SIGKILL');
  await node.start();
  await cluster.deletePod('a');
  const gone = await post('/delegate', envOf('DEL', 'net1', undefined, ''), LAN);
  assert.deepEqual(gone, { status: 200, text: '', json: undefined });
  assert.deepEqual(links(), ['eth0', 'lo', 'net2']);
  assert.equal((await post('/delegate', envOf('DEL', 'net1', undefined, ''), LAN)).status, 200);
  assert.match((await post('/delegate', envOf('DEL', 'eth0', undefined, ''), LAN)).json.msg, /default one/);
  // What nobody took away goes with the pod.
  await node.call({ command: 'DEL', containerId: 'ctr', pod, netns }).done;
  assert.deepEqual(links(), ['lo']);
  assert.deepEqual(hostSnapshot(), before);
  assert.deepEqual(readdirSync(join(node.dir, 'state', 'journal')), []);
  // Too late: nobody would take it away again.
  const late = await post('/delegate', envOf('ADD', 'net1', pod, netns), LAN, attributes);
  assert.deepEqual([late.status, late.json.code], [400, 3]);
});

test('/delegate DEL takes away what came with the pod', { skip }, async () => {
  await cluster.createNad('lan', { ...LAN, ipam: { type: 'host-local', subnet: '10.91.0.0/24' } });
  const pod = await cluster.createPod('a', { annotations: { 'k8s.v1.cni.cncf.io/networks': 'lan' } });
  const netns = node.makeNetns('ctr');
  await node.call({ command: 'ADD', containerId: 'ctr', pod, netns }).done;
  assert.deepEqual(links(), ['eth0', 'lo', 'net1']);
  assert.equal((await post('/delegate', envOf('DEL', 'net1', pod, netns), LAN)).status, 200);
  assert.deepEqual(links(), ['eth0', 'lo']);
  await node.call({ command: 'DEL', containerId: 'ctr', pod, netns }).done;
});

test('with a controller on that socket the agent does not follow annotations itself', { skip }, async () => {
  const pod = await cluster.createPod('a');
  const netns = node.makeNetns('ctr');
  await node.call({ command: 'ADD', containerId: 'ctr', pod, netns }).done;
  await eventually('the log', async () => node.log().includes("Multus' socket"));
  await node.call({ command: 'DEL', containerId: 'ctr', pod, netns }).done;
});
