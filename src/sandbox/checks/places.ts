import { type Family, familyOf } from '../family.ts';
import { containerPorts } from '../node/containers.ts';
import { controlSocket, nodePaths } from '../node/node-paths.ts';
import type { SandboxPod } from '../resources.ts';
import type { Target, Vantage } from './vantage.ts';

/** Requests from a pod's own network. */
export function podVantage(stateDir: string, pod: SandboxPod): Vantage {
  const { socketDir } = nodePaths(stateDir, pod.spec.nodeName ?? '');
  return { name: podTitle(pod), controlSocket: `${socketDir}/${pod.metadata.uid}.sock` };
}

/** Requests from a node's own network, or the outsider's. */
export function machineVantage(name: string): Vantage {
  return { name, controlSocket: controlSocket(name) };
}

/** A pod by its own address; one without an address of the family cannot be reached, which is what the check will say. */
export function podTarget(pod: SandboxPod, family: Family): Target {
  return { host: podAddress(pod, family) ?? '', port: containerPorts(pod)[0] ?? 0 };
}

export function podAddress(pod: SandboxPod, family: Family): string | undefined {
  return pod.status?.podIPs?.find(({ ip }) => familyOf(ip) === family)?.ip;
}

export function podTitle(pod: SandboxPod): string {
  return `${pod.metadata.name} (${pod.spec.nodeName})`;
}
