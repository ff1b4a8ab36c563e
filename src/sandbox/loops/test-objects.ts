import type { KubeObject } from '#api';
import type { Node, PodTemplate, SandboxPod } from '../resources.ts';

let made = 0;

/** An object as a server has it: with a uid of its own. */
export function stored<T extends KubeObject>(object: T): T {
  const number = ++made;
  const { name } = object.metadata;
  const metadata = {
    ...object.metadata,
    name: name === '' ? `${object.metadata.generateName}${number}` : name,
    uid: `uid-${number}`,
    creationTimestamp: new Date(Date.UTC(2025, 0, 1) + number * 1000).toISOString(),
  };
  return { ...object, metadata };
}

export function template(image = 'one'): PodTemplate {
  return { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } };
}

/** The pod, running and ready on a node. */
export function ready(pod: SandboxPod, nodeName = 'n1'): SandboxPod {
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' as const }] };
  return { ...pod, spec: { ...pod.spec, nodeName }, status };
}

export function inPhase(pod: SandboxPod, phase: string): SandboxPod {
  return { ...pod, status: { phase } };
}

export function terminating<T extends KubeObject>(object: T): T {
  return { ...object, metadata: { ...object.metadata, deletionTimestamp: '2025-01-01T00:00:00Z' } };
}

export function node(
  name: string,
  more: Partial<Node['spec']> = {},
  status: 'True' | 'False' | 'Unknown' = 'True',
): Node {
  return {
    metadata: { name, labels: { host: name } },
    spec: { ...more },
    status: { conditions: [{ type: 'Ready', status }] },
  };
}

export function namesOf(objects: readonly KubeObject[]): string[] {
  return objects.map(({ metadata }) => metadata.name);
}
