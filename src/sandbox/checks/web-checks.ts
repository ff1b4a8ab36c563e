import { type Family, familyOf, hostPort } from '../family.ts';
import type { SandboxPod } from '../resources.ts';
import type { NodeSpec, Topology } from '../topology.ts';
import type { Check } from './check.ts';
import { machineVantage, podTarget, podTitle, podVantage } from './places.ts';
import { READINESS } from './readiness-check.ts';
import { requestCheck, type Target, type Vantage } from './vantage.ts';
import type { WebPods, WebServices } from './web-pods.ts';

export interface WebChecksOptions {
  readonly pods: WebPods;
  readonly services: WebServices;
  readonly topology: Topology;
  readonly stateDir: string;
  readonly family: Family;
  /** Pods that are not on the LAN. */
  readonly overlay: readonly SandboxPod[];
}

/** Every path to and from a pod whose only NIC is on the LAN, in one family. */
export function webChecks(options: WebChecksOptions): Check[] {
  const { overlay, services, stateDir, topology, family } = options;
  const { web, a, b, c } = options.pods;
  const { nodes, outsider, nodePort: port } = topology;
  const [n1, n2] = nodes as readonly [NodeSpec, NodeSpec]; // there are pods on both
  const ext = machineVantage(outsider.name);
  const from = (pod: SandboxPod): Vantage => podVantage(stateDir, pod);
  const check = (name: string, at: Vantage, to: string, target: Target, expected: readonly string[]): Check =>
    requestCheck({ name, family, from: at, to, target, expected });
  const toPod = (name: string, at: Vantage, pod: SandboxPod): Check =>
    check(name, at, podTitle(pod), podTarget(pod, family), [pod.metadata.name]);
  const toNode = (name: string, pod: SandboxPod, node: NodeSpec): Check =>
    check(name, from(pod), node.name, { host: node.address[family], port }, [node.name]);
  const toService = (name: string, at: Vantage, target: Target, pod: SandboxPod): Check =>
    check(name, at, `${hostPort(target.host, target.port)} > ${podTitle(pod)}`, target, [pod.metadata.name]);
  const cluster = (key: keyof WebServices): Target => services[key].cluster(family);
  const nodePortOf = (node: NodeSpec, key: keyof WebServices): Target => ({
    host: node.address[family],
    port: services[key].nodePort,
  });
  const any = cluster('web');

  return [
    ...otherProbes(web, family),
    toPod('node to its own pod', machineVantage(n1.name), a),
    toPod('node to a pod of the other node', machineVantage(n2.name), a),
    toNode('pod to its own node', a, n1),
    toNode('pod to its own node', c, n2),
    toNode('pod to the other node', a, n2),
    toPod('pod to pod, same node', from(a), b),
    toPod('pod to pod, across nodes', from(a), c),
    toPod('pod to pod, across nodes', from(c), a),
    toService('pod to ClusterIP, backend on the same node', from(a), cluster('b'), b),
    toService('pod to ClusterIP, backend on the other node', from(a), cluster('c'), c),
    toService('pod to ClusterIP, backend is the client itself', from(a), cluster('a'), a),
    check(
      'pod to ClusterIP, any backend',
      from(c),
      `${hostPort(any.host, any.port)} > web`,
      any,
      web.map(pod => pod.metadata.name),
    ),
    toService('node to ClusterIP', machineVantage(n1.name), cluster('a'), a),
    ...[n1, n2].flatMap(node => [
      toService('NodePort from a third host', ext, nodePortOf(node, 'a'), a),
      toService('NodePort from a third host', ext, nodePortOf(node, 'c'), c),
    ]),
    check('pod to a third host', from(a), ext.name, { host: outsider.address[family], port }, [ext.name]),
    toPod('third host to pod', ext, a),
    ...overlay.flatMap(pod => [
      toPod(`pod to overlay pod, ${pod.spec.nodeName === n1.name ? 'same node' : 'across nodes'}`, from(a), pod),
      toService('overlay pod to ClusterIP', from(pod), cluster('b'), b),
    ]),
  ];
}

/** The kubelet probes a pod's first address, as Kubernetes does. The same request to the others is ours to make. */
function otherProbes(web: readonly SandboxPod[], family: Family): Check[] {
  return web
    .filter(({ status }) => familyOf(status?.podIP ?? '') !== family)
    .map(pod => {
      const path = pod.spec.containers?.[0]?.readinessProbe?.httpGet?.path ?? '/healthz';
      const from = machineVantage(pod.spec.nodeName ?? '');
      const target = { ...podTarget(pod, family), path };
      return requestCheck({ name: READINESS, family, from, to: pod.metadata.name, target, expected: ['ok'] });
    });
}
