import type { KubeObject, Resource } from '#api';
import type { KubeClient } from '#kube';
import { NODES, type Node, SANDBOX_PODS, type SandboxPod } from '../resources.ts';
import { controllerOf } from './ownership.ts';
import { fits } from './placement.ts';

/** Binds every pod that waits for a node and fits one. */
export async function schedulePods(client: KubeClient): Promise<void> {
  const [nodes, pods] = await Promise.all([client.list(NODES), client.list(SANDBOX_PODS)]);
  const placed = pods.items.filter(pod => pod.spec.nodeName !== undefined);
  for (const pod of pods.items) {
    if (pod.spec.nodeName !== undefined || pod.metadata.deletionTimestamp !== undefined) continue;
    const node = chooseNode(pod, nodes.items, placed);
    if (node === undefined) continue;
    await bind(client, pod, node);
    placed.push({ ...pod, spec: { ...pod.spec, nodeName: node } });
  }
}

/** The fitting node with the fewest pods of the same owner, then with the fewest pods, then the first by name. */
export function chooseNode(pod: SandboxPod, nodes: readonly Node[], placed: readonly SandboxPod[]): string | undefined {
  const owner = controllerOf(pod);
  const scored = nodes
    .filter(node => isNodeReady(node) && fits(pod, node))
    .map(({ metadata: { name } }) => {
      const here = placed.filter(other => other.spec.nodeName === name);
      return {
        name,
        siblings: here.filter(other => owner !== undefined && controllerOf(other) === owner).length,
        pods: here.length,
      };
    });
  scored.sort((a, b) => a.siblings - b.siblings || a.pods - b.pods || (a.name < b.name ? -1 : 1));
  return scored[0]?.name;
}

export function isNodeReady(node: Node): boolean {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True';
}

interface Binding extends KubeObject {
  readonly target: { readonly apiVersion: string; readonly kind: string; readonly name: string };
}

/** A pod's node is set through its `binding` subresource; nothing else may change it. */
async function bind(client: KubeClient, pod: SandboxPod, node: string): Promise<void> {
  const { name, namespace = '', uid = '' } = pod.metadata;
  const bindings: Resource<Binding> = {
    group: '',
    version: 'v1',
    plural: `pods/${encodeURIComponent(name)}/binding`,
    kind: 'Binding',
    isNamespaced: true,
  };
  await client.create(bindings, {
    metadata: { name, namespace, uid },
    target: { apiVersion: 'v1', kind: 'Node', name: node },
  });
}
