import { isDeepStrictEqual } from 'node:util';
import type { KubeClient } from '#kube';
import {
  ENDPOINTS,
  type EndpointAddress,
  type EndpointSubset,
  type Endpoints,
  SANDBOX_PODS,
  type SandboxPod,
  SERVICES,
  type Service,
  type ServicePort,
} from '../resources.ts';
import { isPodReady } from './deployments.ts';

/** Keeps each Service's Endpoints at the addresses of the pods that its selector names. */
export async function reconcileEndpoints(client: KubeClient): Promise<void> {
  const [services, pods, endpoints] = await Promise.all([
    client.list(SERVICES),
    client.list(SANDBOX_PODS),
    client.list(ENDPOINTS),
  ]);
  const selecting = services.items.filter(({ spec }) => spec.selector !== undefined);
  for (const service of selecting) {
    const subsets = endpointSubsets(service, pods.items);
    const current = endpoints.items.find(item => isSameName(item, service));
    const { name, namespace = '' } = service.metadata;
    if (current === undefined) await client.create(ENDPOINTS, { metadata: { name, namespace }, subsets });
    else if (!isDeepStrictEqual(current.subsets ?? [], subsets))
      await client.mergePatch(ENDPOINTS, current.metadata, { subsets });
  }
  for (const item of endpoints.items) {
    if (!services.items.some(service => isSameName(item, service))) await client.delete(ENDPOINTS, item.metadata);
  }
}

/** Pods with the same port numbers share a subset; a named target port may differ from pod to pod. */
export function endpointSubsets(service: Service, pods: readonly SandboxPod[]): EndpointSubset[] {
  const subsets = new Map<
    string,
    { ready: EndpointAddress[]; unready: EndpointAddress[]; ports: NonNullable<EndpointSubset['ports']> }
  >();
  for (const pod of pods) {
    if (!isSelected(service, pod) || pod.metadata.deletionTimestamp !== undefined) continue;
    const ip = pod.status?.podIP;
    if (ip === undefined) continue;
    const ports = (service.spec.ports ?? []).flatMap(port => endpointPort(port, pod));
    const key = JSON.stringify(ports);
    const subset = subsets.get(key) ?? { ready: [], unready: [], ports };
    subsets.set(key, subset);
    (isPodReady(pod) ? subset.ready : subset.unready).push(endpointAddress(pod, ip));
  }
  return [...subsets.values()].map(({ ready, unready, ports }) => ({
    ...(ready.length === 0 ? {} : { addresses: ready }),
    ...(unready.length === 0 ? {} : { notReadyAddresses: unready }),
    ports,
  }));
}

function endpointAddress(pod: SandboxPod, ip: string): EndpointAddress {
  const { namespace = '', name, uid = '' } = pod.metadata;
  return {
    ip,
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function endpointPort(port: ServicePort, pod: SandboxPod): { name?: string; port: number; protocol: string }[] {
  const target = port.targetPort ?? port.port;
  const named = (pod.spec.containers ?? []).flatMap(({ ports }) => ports ?? []).find(({ name }) => name === target);
  const number = typeof target === 'number' ? target : named?.containerPort;
  if (number === undefined) return [];
  return [{ ...(port.name === undefined ? {} : { name: port.name }), port: number, protocol: port.protocol ?? 'TCP' }];
}

function isSelected(service: Service, pod: SandboxPod): boolean {
  return (
    pod.metadata.namespace === service.metadata.namespace &&
    Object.entries(service.spec.selector ?? {}).every(([key, value]) => pod.metadata.labels?.[key] === value)
  );
}

function isSameName(endpoints: Endpoints, service: Service): boolean {
  return (
    endpoints.metadata.name === service.metadata.name && endpoints.metadata.namespace === service.metadata.namespace
  );
}
