import { type Family, familyOf } from '../family.ts';
import type { EndpointPort, EndpointTarget, SandboxPod, Service, ServicePort } from '../resources.ts';
import { isPodReady } from './pod-state.ts';

/** A Service's pods that have the same port numbers: a named target port may differ from pod to pod. */
export interface EndpointGroup {
  readonly ports: readonly EndpointPort[];
  readonly members: readonly EndpointMember[];
}

export interface EndpointMember {
  readonly ip: string;
  readonly isReady: boolean;
  readonly target: EndpointTarget;
}

/** The pods behind a Service that have an address of the family. */
export function groupEndpoints(service: Service, pods: readonly SandboxPod[], family: Family): EndpointGroup[] {
  const groups = new Map<string, { readonly ports: EndpointPort[]; readonly members: EndpointMember[] }>();
  for (const pod of pods) {
    if (!isSelected(service, pod) || pod.metadata.deletionTimestamp !== undefined) continue;
    const ip = pod.status?.podIPs?.find(address => familyOf(address.ip) === family)?.ip;
    if (ip === undefined) continue;
    const ports = (service.spec.ports ?? []).flatMap(port => endpointPort(port, pod));
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, members: [] };
    groups.set(key, group);
    group.members.push({ ip, isReady: isPodReady(pod), target: targetOf(pod) });
  }
  return [...groups.values()];
}

function targetOf(pod: SandboxPod): EndpointTarget {
  const { namespace = '', name, uid = '' } = pod.metadata;
  return {
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function endpointPort(port: ServicePort, pod: SandboxPod): EndpointPort[] {
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
