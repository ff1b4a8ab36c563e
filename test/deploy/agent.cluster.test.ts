import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  IP_ALLOCATIONS,
  IPAM_CLAIMS,
  KUBE_OVN_SUBNETS,
  LEASES,
  NETWORK_ATTACHMENT_DEFINITIONS,
  NODES,
  type OwnerReference,
  PODS,
  type Pod,
  REPLICA_SETS,
  SPIDER_IP_POOLS,
  STATEFUL_SETS,
} from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { startTestNode, type TestNode } from '../agent/test-node.ts';
import { eventually, openClusterTarget, type Target } from '../api-contract/target.ts';
import { deployAs, deployCrds } from '../cluster/deployed.ts';
import { kubectl, skipWithoutKubectl } from '../kubectl/kubectl.ts';

/** Where Kubernetes tells a pod who it is; in the namespaces of a test ring /run is the test's own. */
const ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';
const NETWORKS = {
  spider: { type: 'spiderpool' },
  ovn: { type: 'kube-ovn', server_socket: '/run/x.sock', provider: 'ovn.default' },
  plain: { type: 'whereabouts', range: '10.31.0.0/24' },
};
const { skip } = skipUnlessRing2();

describe('an agent as deploy/agent.yaml starts it', { skip: skip || skipWithoutKubectl().skip }, () => {
  let target: Target;
  let node: TestNode;
  let dir: string;

  const startAgent = (name: string): Promise<TestNode> =>
    startTestNode({ dir: join(dir, name), name: 'n1', flags: ['--in-cluster'] });

  before(async () => {
    target = await openClusterTarget();
    const { client, config, kubeconfigPath } = target;
    await deployCrds(client);
    const token = await deployAs('agent.yaml', kubeconfigPath);
    mkdirSync(ACCOUNT_DIR, { recursive: true });
    const account = { token, namespace: 'kube-system', 'ca.crt': config.ca ?? '' };
    for (const [file, text] of Object.entries(account)) writeFileSync(join(ACCOUNT_DIR, file), text);
    const { hostname, port } = new URL(config.server);
    process.env['KUBERNETES_SERVICE_HOST'] = hostname;
    process.env['KUBERNETES_SERVICE_PORT'] = port;
    dir = mkdtempSync(join(tmpdir(), 'underlane-deployed-'));
    await createNetworks();
    node = await startAgent('first');
  });
  after(async () => {
    await node[Symbol.asyncDispose]();
    await target.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function createNetworks(): Promise<void> {
    const { client } = target;
    await client.create(NODES, { metadata: { name: 'n1', labels: { rack: 'a' } } });
    await client.create(SPIDER_IP_POOLS, {
      metadata: { name: 'pool4' },
      spec: {
        subnet: '10.6.0.0/16',
        ips: ['10.6.0.10-10.6.0.40'],
        default: true,
        nodeAffinity: { matchLabels: { rack: 'a' } },
        namespaceAffinity: { matchExpressions: [{ key: 'nobody-has-it', operator: 'DoesNotExist' }] },
      },
    });
    await client.create(KUBE_OVN_SUBNETS, {
      metadata: { name: 'ovn' },
      spec: { provider: 'ovn.default', protocol: 'IPv4', cidrBlock: '172.17.0.0/16', gateway: '172.17.0.1' },
    });
    for (const [name, ipam] of Object.entries(NETWORKS)) {
      const config = { cniVersion: '1.0.0', name, type: 'bridge', bridge: `ul${name}`, ipam };
      await client.create(NETWORK_ATTACHMENT_DEFINITIONS, {
        metadata: { name, namespace: 'default' },
        spec: { config: JSON.stringify(config) },
      });
    }
  }

  const createPod = (name: string, networks: unknown, owner?: OwnerReference): Promise<Pod> =>
    target.client.create(PODS, {
      metadata: {
        name,
        namespace: 'default',
        annotations: {
          'k8s.v1.cni.cncf.io/networks': typeof networks === 'string' ? networks : JSON.stringify(networks),
        },
        ...(owner === undefined ? {} : { ownerReferences: [{ ...owner, controller: true }] }),
      },
      spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'none:1' }] },
    });

  const call = (command: 'ADD' | 'DEL', pod: Pod, netns?: string) =>
    node.call({ command, containerId: pod.metadata.name, pod, ...(netns === undefined ? {} : { netns }) }).done;

  const template = {
    metadata: { labels: { app: 'x' } },
    spec: { containers: [{ name: 'c', image: 'none:1' }] },
  };
  const workload = { selector: { matchLabels: { app: 'x' } }, serviceName: 'x', replicas: 1, template };

  test('may do all that it takes for pods of every dialect and owner, from ADD to the last claim', async () => {
    const { client } = target;
    const at = (name: string) => ({ name, namespace: 'default' });
    const set = await client.create(STATEFUL_SETS, { metadata: at('set'), spec: workload });
    const replicas = await client.create(REPLICA_SETS, { metadata: at('rs'), spec: workload });
    await client.create(IPAM_CLAIMS, { metadata: at('kept'), spec: { network: 'plain', interface: 'net1' } });
    const ownerOf = (kind: string, apiVersion: string, uid = ''): OwnerReference => ({
      kind,
      apiVersion,
      name: 'x',
      uid,
    });
    const pods = await Promise.all([
      createPod('bare', 'spider,ovn,plain'),
      createPod('set-0', 'spider,ovn', { ...ownerOf('StatefulSet', 'apps/v1', set.metadata.uid), name: 'set' }),
      createPod('replica', 'spider', { ...ownerOf('ReplicaSet', 'apps/v1', replicas.metadata.uid), name: 'rs' }),
      createPod('job', 'spider', ownerOf('Job', 'batch/v1', 'gone')),
      createPod('machine', 'spider', ownerOf('VirtualMachineInstance', 'kubevirt.io/v1', 'gone')),
      createPod('claimed', [{ name: 'plain', 'ipam-claim-reference': 'kept' }]),
    ]);
    for (const pod of pods) {
      const { exitCode, stdout } = await call('ADD', pod, node.makeNetns(pod.metadata.name));
      assert.equal(exitCode, 0, `${pod.metadata.name}: ${stdout}`);
      const { metadata } = await client.get(PODS, at(pod.metadata.name));
      assert.ok(metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'], pod.metadata.name);
    }
    assert.equal((await client.get(IPAM_CLAIMS, at('kept'))).status?.ips?.length, 1);
    await eventually('the Lease', async () =>
      client.get(LEASES, { namespace: 'kube-system', name: 'underlane-agent-n1' }).catch(() => undefined),
    );
    await client.delete(STATEFUL_SETS, at('set'));
    await client.delete(IPAM_CLAIMS, at('kept'));
    for (const pod of pods) {
      assert.equal((await call('DEL', pod)).exitCode, 0);
      await client.delete(PODS, pod.metadata, { gracePeriodSeconds: 0 });
    }
    // What an IPAMClaim kept is looked at once a minute.
    await eventually('the end of the claims', async () => {
      const left = (await client.list(IP_ALLOCATIONS)).items;
      return left.every(({ spec }) => spec.owner.ipamClaim !== undefined) ? true : undefined;
    });
    assert.doesNotMatch(node.log(), /forbidden/i);
  });

  test('says at once what it may not read, to whom the rule is missing, and gives the pod its address when it may', async () => {
    const { client, kubeconfigPath } = target;
    const roles = await kubectl(kubeconfigPath, ['get', 'clusterrole', 'underlane-agent', '-o', 'json']);
    const role = JSON.parse(roles.stdout);
    const less = {
      ...role,
      rules: role.rules.filter((rule: { apiGroups: string[] }) => !rule.apiGroups.includes('spiderpool.spidernet.io')),
    };
    const replace = async (object: unknown): Promise<void> => {
      const { metadata, ...rest } = object as typeof role;
      const { resourceVersion: _, ...kept } = metadata;
      const { exitCode, stderr } = await kubectl(
        kubeconfigPath,
        ['replace', '-f', '-'],
        JSON.stringify({ ...rest, metadata: kept }),
      );
      assert.equal(exitCode, 0, stderr);
    };
    await replace(less);
    await node[Symbol.asyncDispose]();
    node = await startAgent('second');
    const pod = await createPod('refused', 'spider');
    const netns = node.makeNetns('refused');
    const started = performance.now();
    const refused = await call('ADD', pod, netns);
    assert.ok(performance.now() - started < 5_000, `took ${performance.now() - started} ms`);
    assert.equal(refused.json.code, 11, refused.stdout);
    assert.match(
      refused.json.msg,
      /User "system:serviceaccount:kube-system:underlane-agent" cannot list resource "spiderippools" .+; add the rule \{apiGroups: \["spiderpool\.spidernet\.io"\], resources: \["spiderippools"\], verbs: \["get", "list", "watch"\]\} to the ClusterRole of that account/,
    );
    assert.match(refused.json.details, /^FORBIDDEN_KIND/);
    await replace(role);
    await eventually('the address', async () => ((await call('ADD', pod, netns)).exitCode === 0 ? true : undefined));
    assert.equal((await call('DEL', pod)).exitCode, 0);
    await client.delete(PODS, pod.metadata, { gracePeriodSeconds: 0 });
  });
});
