/** An agent that is started as deploy/agent.yaml starts it, on a real API server with the roles of that file. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  KUBE_OVN_SUBNETS,
  NETWORK_ATTACHMENT_DEFINITIONS,
  NODES,
  type OwnerReference,
  PODS,
  type Pod,
  SPIDER_IP_POOLS,
} from '#api';
import type { KubeClient } from '#kube';
import { type ShimResult, startTestNode, type TestNode } from '../agent/test-node.ts';
import { openClusterTarget, type Target } from '../api-contract/target.ts';
import { deployCrds, grantRolesOf, NAMESPACE } from '../cluster/deployed.ts';

export interface DeployedAgent extends AsyncDisposable {
  readonly target: Target;
  /** Everything that the agent has said since it was started last. */
  log(): string;
  /** Ends the agent and starts another one on a node without memory. */
  restart(): Promise<void>;
  createPod(name: string, networks: string, owner?: OwnerReference): Promise<Pod>;
  makeNetns(pod: Pod): string;
  call(command: 'ADD' | 'DEL', pod: Pod, netns?: string): Promise<ShimResult>;
}

/** Where Kubernetes tells a pod who it is; in the namespaces of a test ring /run is the test's own. */
const ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Where the probes of the file ask. */
const HEALTH = '127.0.0.1:9470';

/** A network of each dialect. */
const NETWORKS = {
  spider: { type: 'spiderpool' },
  ovn: { type: 'kube-ovn', server_socket: '/run/x.sock', provider: 'ovn.default' },
  plain: { type: 'whereabouts', range: '10.31.0.0/24' },
};

export async function startDeployedAgent(): Promise<DeployedAgent> {
  const target = await openClusterTarget();
  const { client } = target;
  await deployCrds(client);
  becomeAccount(target, await grantRolesOf('agent.yaml', client));
  await createNetworks(client);
  const dir = mkdtempSync(join(tmpdir(), 'underlane-deployed-'));
  let starts = 0;
  const start = (): Promise<TestNode> =>
    startTestNode({ dir: join(dir, `${starts++}`), name: 'n1', flags: ['--in-cluster', `--health-address=${HEALTH}`] });
  let node = await start();
  return {
    target,
    log: () => node.log(),
    async restart() {
      await node[Symbol.asyncDispose]();
      node = await start();
    },
    createPod: (name, networks, owner) =>
      client.create(PODS, {
        metadata: {
          name,
          namespace: 'default',
          annotations: { 'k8s.v1.cni.cncf.io/networks': networks },
          ...(owner === undefined ? {} : { ownerReferences: [{ ...owner, controller: true }] }),
        },
        spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'none:1' }] },
      }),
    makeNetns: pod => node.makeNetns(pod.metadata.name),
    call: (command, pod, netns) =>
      node.call({ command, containerId: pod.metadata.name, pod, ...(netns === undefined ? {} : { netns }) }).done,
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]();
      await target.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Makes this process one that Kubernetes has told who it is and where the API server is. */
function becomeAccount({ config }: Target, token: string): void {
  mkdirSync(ACCOUNT_DIR, { recursive: true });
  const account = { token, namespace: NAMESPACE, 'ca.crt': config.ca ?? '' };
  for (const [file, text] of Object.entries(account)) writeFileSync(join(ACCOUNT_DIR, file), text);
  const { hostname, port } = new URL(config.server);
  process.env['KUBERNETES_SERVICE_HOST'] = hostname;
  process.env['KUBERNETES_SERVICE_PORT'] = port;
}

/** Pools are for nodes and namespaces, so that both have to be read. */
async function createNetworks(client: KubeClient): Promise<void> {
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
