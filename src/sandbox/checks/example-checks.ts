import type { KubeClient } from '#kube';
import { containerPorts } from '../node/containers.ts';
import { controlSocket, nodePaths } from '../node/node-paths.ts';
import { type SandboxPod, SERVICES } from '../resources.ts';
import type { Topology } from '../topology.ts';
import { type Check, checkFailed } from './check.ts';
import { createSinglePodService, serviceAddresses } from './check-services.ts';
import { distinctAddressesCheck, networkStatusCheck, readNetworkStatus } from './network-status.ts';
import { requestCheck, type Target, type Vantage } from './vantage.ts';

export interface ExampleChecksOptions {
  readonly client: KubeClient;
  /** All Ready. */
  readonly pods: readonly SandboxPod[];
  readonly topology: Topology;
  readonly stateDir: string;
}

/** What examples/ promises: traffic of the macvlan Deployment `web`, and of the two multi-NIC pods. */
export async function exampleChecks(options: ExampleChecksOptions): Promise<Check[]> {
  const multinet = options.pods.filter(pod => pod.metadata.name.startsWith('samplepod'));
  const web = options.pods.filter(pod => pod.metadata.labels?.['app'] === 'web');
  return [
    ...(await macvlanChecks(options, web, multinet)),
    ...multinetChecks(options, multinet),
    ...web.map(pod => networkStatusCheck(pod, ['eth0'])),
    ...multinet.map(pod => networkStatusCheck(pod, ['eth0', 'net1'])),
    distinctAddressesCheck(
      options.pods,
      options.topology.nodes.flatMap(node => [node.address, node.secondAddress]),
    ),
  ];
}

async function macvlanChecks(
  { client, topology, stateDir }: ExampleChecksOptions,
  web: readonly SandboxPod[],
  overlay: readonly SandboxPod[],
): Promise<Check[]> {
  const [n1, n2] = topology.nodes;
  const [a, b] = web.filter(pod => pod.spec.nodeName === n1?.name);
  const [c] = web.filter(pod => pod.spec.nodeName === n2?.name);
  if (n1 === undefined || n2 === undefined || a === undefined || b === undefined || c === undefined) {
    throw checkFailed(`Deployment "web" has ${web.length} pods, expected two on the first node and one on the second`);
  }
  const [toA, toB, toC] = await Promise.all(
    [a, b, c].map((pod, index) => createSinglePodService(client, pod, 'abc'[index] ?? '', podTarget(pod).port)),
  );
  if (toA === undefined || toB === undefined || toC === undefined) throw checkFailed('a Service is missing');
  const service = serviceAddresses(await client.get(SERVICES, { namespace: 'default', name: 'web' }));
  const names = web.map(pod => pod.metadata.name);

  const from = (pod: SandboxPod): Vantage => podVantage(stateDir, pod);
  const node = (name: string): Vantage => ({ name, controlSocket: controlSocket(name) });
  const ext = node(topology.outsider.name);
  const toPod = (name: string, vantage: Vantage, pod: SandboxPod): Check =>
    requestCheck(name, vantage, title(pod), podTarget(pod), [pod.metadata.name]);
  const toNode = (name: string, pod: SandboxPod, spec: typeof n1): Check =>
    requestCheck(name, from(pod), spec.name, { host: spec.address, port: topology.nodePort }, [spec.name]);
  const toService = (name: string, vantage: Vantage, at: Target, pod: SandboxPod): Check =>
    requestCheck(name, vantage, `${at.host}:${at.port} > ${title(pod)}`, at, [pod.metadata.name]);

  return [
    toPod('node to its own pod', node(n1.name), a),
    toPod('node to a pod of the other node', node(n2.name), a),
    toNode('pod to its own node', a, n1),
    toNode('pod to its own node', c, n2),
    toNode('pod to the other node', a, n2),
    toPod('pod to pod, same node', from(a), b),
    toPod('pod to pod, across nodes', from(a), c),
    toPod('pod to pod, across nodes', from(c), a),
    toService('pod to ClusterIP, backend on the same node', from(a), toB.cluster, b),
    toService('pod to ClusterIP, backend on the other node', from(a), toC.cluster, c),
    toService('pod to ClusterIP, backend is the client itself', from(a), toA.cluster, a),
    requestCheck(
      'pod to ClusterIP, any backend',
      from(c),
      `${service.cluster.host}:${service.cluster.port} > web`,
      service.cluster,
      names,
    ),
    toService('node to ClusterIP', node(n1.name), toA.cluster, a),
    ...[n1, n2].flatMap(spec => [
      toService('NodePort from a third host', ext, { host: spec.address, port: toA.nodePort }, a),
      toService('NodePort from a third host', ext, { host: spec.address, port: toC.nodePort }, c),
    ]),
    requestCheck(
      'pod to a third host',
      from(a),
      ext.name,
      { host: topology.outsider.address, port: topology.nodePort },
      [ext.name],
    ),
    toPod('third host to pod', ext, a),
    ...overlay.flatMap(pod => [
      toPod(`pod to overlay pod, ${pod.spec.nodeName === n1.name ? 'same node' : 'across nodes'}`, from(a), pod),
      toService('overlay pod to ClusterIP', from(pod), toB.cluster, b),
    ]),
  ];
}

/** The additional network is reached over net1 only if the other side sees net1's address as the client. */
function multinetChecks({ stateDir }: ExampleChecksOptions, pods: readonly SandboxPod[]): Check[] {
  const [first, second] = pods;
  if (first === undefined || second === undefined)
    throw checkFailed(`there are ${pods.length} pods with two NICs, expected 2`);
  return [net1Check(stateDir, first, second), net1Check(stateDir, second, first)];
}

function net1Check(stateDir: string, client: SandboxPod, server: SandboxPod): Check {
  const [name, from, to] = ['net1 to net1, across nodes', podVantage(stateDir, client), `${title(server)} net1`];
  return {
    name,
    from: from.name,
    to,
    attempt() {
      const target = { host: net1Address(server), port: podTarget(server).port, path: '/clientip' };
      return requestCheck(name, from, to, target, [net1Address(client)]).attempt();
    },
  };
}

function net1Address(pod: SandboxPod): string {
  const address = readNetworkStatus(pod).find(entry => entry.interface === 'net1')?.ips[0];
  if (address === undefined) throw checkFailed(`network-status of pod "${pod.metadata.name}" has no address for net1`);
  return address;
}

function podVantage(stateDir: string, pod: SandboxPod): Vantage {
  const { socketDir } = nodePaths(stateDir, pod.spec.nodeName ?? '');
  return { name: title(pod), controlSocket: `${socketDir}/${pod.metadata.uid}.sock` };
}

function podTarget(pod: SandboxPod): { readonly host: string; readonly port: number } {
  return { host: pod.status?.podIP ?? '', port: containerPorts(pod)[0] ?? 0 };
}

function title(pod: SandboxPod): string {
  return `${pod.metadata.name} (${pod.spec.nodeName})`;
}
